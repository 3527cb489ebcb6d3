/** Faults of the machine under paid runs: power, disks, clocks, and stops. `THINKSET_FAULTS=1` tries more. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { randomFor } from "../../lib/core/random.ts";
import { inFolder } from "../cli.ts";
import { unless } from "../installed.ts";
import { writePrompts } from "../teacher/run_teacher.ts";
import { type ScriptedProvider, startScriptedProvider } from "../teacher/scripted_provider.ts";
import { type LoopDisk, loopDisk, whyNoLoopDisk } from "./loop_disk.ts";
import { keptIds, SLOTS, startPaidRun, until, watchBill } from "./paid_run.ts";

const FULL = Deno.env.get("THINKSET_FAULTS") === "1";
const POWER_CUTS = FULL ? 40 : 2, DISK_FAILURES = FULL ? 20 : 3;
const CLOCK_JUMPS = FULL ? 10 : 2, STOPS = FULL ? 10 : 2;
const STOP_MS = FULL ? 60_000 : 4_000;
const random = randomFor(Number(Deno.env.get("FAULTS_SEED") ?? 1), "machine");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const noDisk = await whyNoLoopDisk();

/** A provider and a disk, with prompts beside it. */
async function onDisk(
  prompts: number,
  test: (
    at: { provider: ScriptedProvider; disk: LoopDisk; prompts: string; out: string },
  ) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 50 });
    const disk = await loopDisk(folder, 64);
    try {
      const out = join(disk.path, "run");
      await test({ provider, disk, prompts: await writePrompts(folder, prompts), out });
    } finally {
      await provider.close();
      await disk.close();
    }
  });
}

/** What a run that has ended well must have left. */
function assertWhole(out: string, prompts: number): void {
  const ids = keptIds(out);
  assert.equal(new Set(ids).size, prompts, "a prompt is missing");
  assert.equal(ids.length, prompts, "a prompt stands twice");
  const { status, counts } = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
  assert.deepEqual([status, counts.input, counts.pending], ["done", prompts, 0]);
}

Deno.test({
  ...unless(
    noDisk,
    "after a power cut at most the last second's replies are lost, and the same command goes on (50)",
  ),
  fn: async () => {
    let cuts = 0, lost = 0, again = 0;
    while (cuts < POWER_CUTS) {
      const some = Math.min(5, POWER_CUTS - cuts);
      const told = await cutPower(some, 300 * some);
      cuts += some;
      lost += told.lost;
      again += told.again;
    }
    console.log(
      `power cuts: ${cuts}; ${lost} replies lost with the last seconds, ${again} paid again`,
    );
  },
});

/** One run, its power cut so many times. */
async function cutPower(cuts: number, count: number): Promise<{ lost: number; again: number }> {
  let lost = 0, inLastSeconds = 0, again = 0;
  await onDisk(count, async ({ provider, disk, prompts, out }) => {
    const bill = watchBill(provider);
    let before = 0;
    for (let cut = 0; cut < cuts; cut++) {
      const paidBefore = provider.stats.billed;
      const run = startPaidRun(provider, { prompts, out });
      await until(() => provider.stats.billed > paidBefore);
      await pause(random() * (cut % 2 === 0 ? 2_500 : 600));
      const at = performance.now();
      disk.cutPower();
      const paid = provider.stats.billed - paidBefore;
      run.process.kill("SIGKILL");
      await run.ended;
      await disk.restart();
      const now = keptIds(out).length;
      const safe = Math.max(0, bill.paidBy(at - 1_000) - paidBefore);
      // A reply that was paid for may still have been on its way.
      assert.ok(now - before >= safe - SLOTS, `${now - before} records of ${safe} replies`);
      lost += paid - (now - before);
      inLastSeconds += paid - safe + SLOTS;
      before = now;
    }
    const { code, stderr } = await startPaidRun(provider, { prompts, out }).ended;
    bill.stop();
    assert.equal(code, 0, stderr);
    assertWhole(out, count);
    again = provider.stats.billed - count;
    assert.ok(again <= inLastSeconds, `${again} replies paid again`);
    const { tokens } = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
    const unbilled = provider.stats.billed - tokens.replies;
    assert.ok(unbilled >= 0 && unbilled <= inLastSeconds, `${unbilled} replies not in the bill`);
  });
  return { lost, again };
}

Deno.test({
  ...unless(
    noDisk,
    "a disk that fails ends a paid run at once, and the same command goes on when it is well (51)",
  ),
  fn: async () => {
    let most = 0;
    for (let failure = 0; failure < DISK_FAILURES; failure++) {
      await onDisk(300, async ({ provider, disk, prompts, out }) => {
        const filler = join(disk.path, "filler");
        const run = startPaidRun(provider, { prompts, out });
        await until(() => provider.stats.billed > 5);
        await pause(random() * 300);
        const rule = [
          /cannot write.*(os error 5)/,
          /cannot write.*(os error (5|30))/,
          /cannot write.*(os error 28)/,
        ][failure % 3]!;
        const { requests } = provider.stats;
        if (failure % 3 === 0) disk.cutPower();
        else if (failure % 3 === 1) await disk.goReadOnly();
        else fill(filler);
        const { code, stderr } = await run.ended;
        const asked = provider.stats.requests - requests;
        assert.equal(code, 1, stderr);
        assert.match(stderr.trimEnd().split("\n").at(-1)!, rule);
        // Pages of a full disk may take some lines more.
        assert.ok(
          asked <= (failure % 3 === 2 ? 60 : 3 * SLOTS),
          `${asked} requests after the failure`,
        );
        most = Math.max(most, asked);
        await disk.restart();
        if (failure % 3 === 2) await Deno.remove(filler);
        const again = await startPaidRun(provider, { prompts, out }).ended;
        assert.equal(again.code, 0, again.stderr);
        assertWhole(out, 300);
      });
    }
    console.log(`disk failures: ${DISK_FAILURES}; at most ${most} requests after one`);
  },
});

/** Takes what room a disk has, to the last byte. */
function fill(path: string): void {
  const file = Deno.createSync(path);
  for (let size = 1 << 20; size >= 1;) {
    try {
      file.writeSync(new Uint8Array(size));
    } catch {
      size >>= 1;
    }
  }
  file.close();
}

Deno.test("a wall clock that jumps holds a paid run up nowhere, and nothing is paid twice (55)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 25 });
    for (let jump = 0; jump < CLOCK_JUMPS; jump++) {
      const hours = (jump % 2 === 0 ? -1 : 1) * (1 + Math.floor(random() * 30));
      const clock = join(folder, `clock-${jump}.ts`);
      await Deno.writeTextFile(clock, jumpingClock(hours * 3_600_000, 700 + random() * 600));
      const { billed, completionTokens } = provider.stats;
      const began = performance.now();
      const out = join(folder, `run-${jump}`);
      const { code, stderr } = await startPaidRun(
        provider,
        { prompts: await writePrompts(folder, 120), out },
        { flags: ["--rpm", "3000", "--timeout", "10"], deno: ["--preload", clock] },
      ).ended;
      assert.equal(code, 0, stderr);
      assertWhole(out, 120);
      assert.equal(provider.stats.billed - billed, 120, `${hours} h: replies paid twice`);
      const { tokens } = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
      assert.equal(tokens.completion, provider.stats.completionTokens - completionTokens);
      assert.ok(performance.now() - began < 60_000, "the run stood still");
    }
    await provider.close();
    console.log(`clock jumps: ${CLOCK_JUMPS}; replies paid twice: 0`);
  }));

/** A module that sets the wall clock of its process, and it alone, after a time. */
function jumpingClock(by: number, afterMs: number): string {
  return `const now = Date.now; let by = 0;
    Date.now = () => now() + by;
    const timer = setTimeout(() => by = ${by}, ${afterMs});
    Deno.unrefTimer(timer);`;
}

Deno.test("what came while a process was stopped is kept, billed, and not asked again (55)", () =>
  inFolder(async (folder) => {
    const prompts = await writePrompts(folder, 150);
    await Promise.all(Array.from({ length: STOPS }, async (_, stop) => {
      const provider = await startScriptedProvider({ latencyMs: 150 });
      const out = join(folder, `run-${stop}`);
      const timeout = String(Math.floor(STOP_MS / 2_000));
      const run = startPaidRun(provider, { prompts, out }, { flags: ["--timeout", timeout] });
      await until(() => provider.stats.billed > 25);
      await pause(random() * 500);
      run.process.kill("SIGSTOP");
      await pause(STOP_MS);
      run.process.kill("SIGCONT");
      const { code, stderr } = await run.ended;
      await provider.close();
      assert.equal(code, 0, stderr);
      assertWhole(out, 150);
      assert.equal(provider.stats.billed, 150, "replies were paid for twice");
      const { tokens } = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
      assert.equal(tokens.replies, 150);
      assert.equal(tokens.completion, provider.stats.completionTokens);
    }));
    console.log(`stops of ${STOP_MS / 1_000} s: ${STOPS}; replies paid twice: 0`);
  }));
