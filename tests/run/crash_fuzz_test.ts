/** Runs that crash anywhere, in any order of work, under any clock, end with the same bytes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import type { ProgressSnapshot } from "../../lib/core/context.ts";
import { ModelError, RunError } from "../../lib/core/errors.ts";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { runStage } from "../../lib/run/run_stage.ts";

const files = (out: string) =>
  ["records", "rejects"].map((name) => join(out, name, "part-00000-of-00001.jsonl"));
const contents = (out: string) => files(out).map((path) => Deno.readTextFileSync(path));

/** One process' life: how many items it finishes, how long each takes, what a crash cuts off. */
const lives = fc.array(
  fc.record({
    finishes: fc.nat({ max: 8 }),
    turns: fc.array(fc.nat({ max: 6 }), { minLength: 12, maxLength: 12 }),
    torn: fc.tuple(fc.nat({ max: 90 }), fc.nat({ max: 90 })),
    slots: fc.integer({ min: 1, max: 6 }),
  }),
  { maxLength: 4 },
);
const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6, unit: "binary" }), {
  minLength: 1,
  maxLength: 12,
});
/** Moments a clock shows: it may stand still, run backwards, or leap over years. */
const clocks = fc.array(fc.oneof(fc.nat({ max: 1000 }), fc.integer()), { minLength: 1 });

async function live(
  out: string,
  ids: string[],
  life: { finishes: number; turns: number[]; slots: number },
  clock: number[],
): Promise<void> {
  let begun = 0, tick = 0;
  const shown: ProgressSnapshot[] = [];
  try {
    await runStage({
      stage: "fuzz",
      out,
      options: {},
      affects: {},
      inputs: [{ path: "made", sha256: "" }],
      async *read() {
        for (const id of ids) yield await Promise.resolve({ id });
      },
      content: ({ id }) => id,
      async work({ id }) {
        const at = begun++;
        for (let turn = life.turns[at % 12]!; turn > 0; turn--) await Promise.resolve();
        if (at >= life.finishes) throw new ModelError("fatal", "crash");
        return ids.indexOf(id) % 3 === 2
          ? { reject: { reason: "third", detail: id } }
          : { record: { id, text: `reply to ${id}` } };
      },
      reasons: ["third"],
      models: [],
      packages: {},
      seed: null,
      shard: { index: 0, count: 1 },
      slots: fixedLimit(life.slots),
      timeoutMs: 10_000,
    }, {
      log: () => {},
      now: () => clock[tick++ % clock.length]!,
      monotonic: () => clock[tick++ % clock.length]!,
      onProgress: (snapshot) => shown.push(snapshot),
    });
  } catch (error) {
    assert.ok(error instanceof RunError, `${error}`);
  }
  for (const { rate, etaSeconds } of shown) {
    assert.ok(Number.isFinite(rate) && rate >= 0, `rate ${rate}`);
    assert.ok(etaSeconds === null || etaSeconds >= 0, `eta ${etaSeconds}`);
  }
}

Deno.test("whatever crashes, orders and clocks a run went through, the next one leaves the same bytes", async () => {
  const folder = await Deno.makeTempDir();
  let count = 0;
  const whole = { finishes: Infinity, turns: Array(12).fill(0), slots: 1 };
  try {
    await fc.assert(
      fc.asyncProperty(ids, lives, clocks, async (ids, lives, clock) => {
        const calm = join(folder, `calm-${++count}`), out = join(folder, `out-${count}`);
        await live(calm, ids, whole, [0]);
        for (const life of lives) {
          await live(out, ids, life, clock);
          files(out).forEach((path, index) => {
            const { size } = Deno.statSync(path);
            Deno.truncateSync(path, Math.max(0, size - life.torn[index]!));
          });
        }
        await live(out, ids, whole, clock);
        assert.deepEqual(contents(out), contents(calm));
        await Deno.remove(calm, { recursive: true });
        await Deno.remove(out, { recursive: true });
      }),
      { numRuns: 60 },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
