/** Power cuts at any operation on the disk: what was flushed is there, and the run goes on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { RunError } from "../../lib/core/errors.ts";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { openRunFolder } from "../../lib/run/run_folder.ts";
import { runStage } from "../../lib/run/run_stage.ts";
import { inFolder } from "../cli.ts";
import { FragileDisk } from "./fragile_disk.ts";

const shard = { index: 0, count: 1 };
const files = (out: string) =>
  ["records", "rejects"].map((name) => join(out, name, "part-00000-of-00001.jsonl"));
const contents = (out: string) => files(out).map((path) => Deno.readTextFileSync(path));
const ids = Array.from({ length: 10 }, (_, i) => `p${i}`);

/** One process: flushes after some items, as the clock would; which items it did, and had flushed. */
async function live(
  out: string,
  disk: FragileDisk,
  { slots, flushEvery }: { slots: number; flushEvery: number },
): Promise<{ done: string[]; flushed: Set<string> }> {
  const done: string[] = [], flushed = new Set<string>();
  try {
    const folder = openRunFolder(out, shard, disk);
    try {
      await runStage({
        stage: "fuzz",
        out,
        folder,
        options: {},
        affects: {},
        inputs: [{ path: "made", sha256: "" }],
        async *read() {
          for (const id of ids) yield await Promise.resolve({ id });
        },
        content: ({ id }) => id,
        async work({ id }) {
          for (let turn = ids.indexOf(id) * 7 % 5 * 8; turn > 0; turn--) await Promise.resolve();
          if (done.length > 0 && done.length % flushEvery === 0) {
            const before = contents(out).join("");
            folder.group.syncNow();
            for (const each of ids) if (before.includes(`{"id":"${each}"`)) flushed.add(each);
          }
          done.push(id);
          return ids.indexOf(id) % 3 === 2
            ? { reject: { reason: "third", detail: id } }
            : { record: { id, text: `reply to ${id}` } };
        },
        reasons: ["third"],
        models: [],
        packages: {},
        seed: null,
        shard,
        slots: fixedLimit(slots),
        timeoutMs: 10_000,
      }, { log: () => {}, disk });
      assert.ok(!disk.isOff, "a run ended well on a disk without power");
    } finally {
      folder.close();
    }
  } catch (error) {
    assert.ok(disk.isOff && (error instanceof RunError || error instanceof Error), `${error}`);
    assert.match(`${error}`, /os error 5/);
  }
  return { done, flushed };
}

Deno.test("after a power cut at any operation the same run goes on, and no flushed line is done again (50)", () =>
  inFolder(async (folder) => {
    const calm = join(folder, "calm");
    const whole = new FragileDisk();
    await live(calm, whole, { slots: 1, flushEvery: 3 });
    const expected = contents(calm);
    let count = 0, again = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            left: fc.integer({ min: 1, max: whole.operations }),
            slots: fc.integer({ min: 1, max: 4 }),
            flushEvery: fc.integer({ min: 1, max: 5 }),
            luck: fc.infiniteStream(fc.nat()),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        async (lives) => {
          const out = join(folder, `out-${++count}`);
          let safe = new Set<string>();
          for (const { left, luck, ...life } of lives) {
            const disk = new FragileDisk(left);
            const { done, flushed } = await live(out, disk, life);
            assert.deepEqual(
              done.filter((id) => safe.has(id)),
              [],
              "a flushed line was done again",
            );
            safe = new Set([...safe, ...flushed]);
            disk.cut((choices) => luck.next().value! % choices);
          }
          const { done } = await live(out, new FragileDisk(), { slots: 1, flushEvery: 3 });
          assert.deepEqual(done.filter((id) => safe.has(id)), [], "a flushed line was done again");
          assert.deepEqual(contents(out), expected);
          const manifest = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
          assert.equal(manifest.status, "done");
          again += safe.size;
          await Deno.remove(out, { recursive: true });
        },
      ),
      { numRuns: Number(Deno.env.get("FAULTS_RUNS") ?? 60) },
    );
    assert.ok(again > 20, `only ${again} lines were flushed before a cut`);
  }));
