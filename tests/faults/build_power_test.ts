/** Power cuts under what is built whole: datasets, prompted models, pages. `THINKSET_FAULTS=1` tries more. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REPORT_MARK } from "../../lib/report/page.ts";
import { randomFor } from "../../lib/core/random.ts";
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import { makers } from "../../lib/stages.ts";
import { findings } from "../../lib/verify/verify.ts";
import { inFolder, runTask, startTask } from "../cli.ts";
import { unless } from "../installed.ts";
import { loopDisk, whyNoLoopDisk } from "./loop_disk.ts";
import { contentsOf, smallInputs, type SmallStage } from "./small_pipeline.ts";

const FULL = Deno.env.get("THINKSET_FAULTS") === "1";
/** Cuts of each builder at any moment, beside the one right after its end. */
const CUTS = FULL ? 5 : 1;
const random = randomFor(Number(Deno.env.get("FAULTS_SEED") ?? 1), "build power");

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Lets the disk's journal be written, as any other program's flush does at any moment. */
function flushAnother(disk: string): void {
  using file = Deno.createSync(join(disk, "other"));
  file.writeSync(new Uint8Array(1));
  file.syncSync();
}

async function builders(folder: string): Promise<SmallStage[]> {
  const { model, teacher, scored } = await smallInputs(folder, { size: 30, chars: 400 });
  const format = "prompted-nothink";
  return [
    {
      task: "build-sft",
      args: (out) => ["--in", teacher, "--tokenizer", model, "--variant", "nothink", "--out", out],
    },
    {
      task: "build-dpo",
      args: (out) => [
        ...["--in", scored, "--tokenizer", model, "--min-responses", "2", "--format", format],
        ...["--out", out],
      ],
    },
    {
      task: "create-prompted-model",
      args: (out) => ["--model", EMBEDDED_POLICY, "--variant", "think", "--out", out],
    },
  ];
}

async function assertVerified(out: string): Promise<void> {
  for await (const { ok, what } of findings([out], makers)) assert.ok(ok, `${out}: ${what}`);
}

Deno.test({
  ...unless(
    await whyNoLoopDisk(),
    "what a power cut leaves of a build is whole or not there, and what was done before it is whole",
  ),
  fn: () =>
    inFolder(async (folder) => {
      let cuts = 0, whole = 0;
      const disk = await loopDisk(folder, 128);
      try {
        for (const { task, args } of await builders(folder)) {
          const calm = join(folder, `calm-${task}`), out = join(disk.path, "new", task);
          const began = performance.now();
          assert.equal((await runTask(task, args(calm))).code, 0);
          const usual = performance.now() - began;
          const expected = contentsOf(calm);

          const ended = await runTask(task, args(out));
          flushAnother(disk.path);
          disk.cutPower();
          assert.equal(ended.code, 0, ended.stderr);
          await disk.restart();
          assert.deepEqual(contentsOf(out), expected, `${task}: cut after its end`);
          const page = join(out, "report.html");
          if (exists(page)) assert.ok(Deno.readTextFileSync(page).startsWith(REPORT_MARK));
          assert.equal(exists(page), exists(join(calm, "report.html")));
          await assertVerified(out);
          cuts++;
          whole++;

          for (let cut = 0; cut < CUTS; cut++) {
            await Deno.remove(out, { recursive: true });
            const process = startTask(task, args(out));
            const ends = process.output();
            await Promise.race([
              ends,
              new Promise((ready) => setTimeout(ready, usual * (0.5 + random() / 2))),
            ]);
            flushAnother(disk.path);
            disk.cutPower();
            await ends;
            await disk.restart();
            cuts++;
            if (exists(out)) {
              assert.deepEqual(contentsOf(out), expected, `${task}: cut on its way`);
              whole++;
            } else {
              const again = await runTask(task, args(out));
              assert.equal(again.code, 0, again.stderr);
              assert.deepEqual(contentsOf(out), expected);
            }
            assert.deepEqual([...Deno.readDirSync(join(disk.path, "new"))].map((it) => it.name), [
              task,
            ]);
          }
          await Deno.remove(join(disk.path, "new"), { recursive: true });
        }
      } finally {
        await disk.close();
      }
      console.log(`power cuts of builds: ${cuts}; ${whole} left a whole one, the rest none`);
    }),
});
