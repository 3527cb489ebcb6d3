/** Disks that are full or read-only: a line for the user, nothing lost, nothing half-written. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, inFolder, runTask } from "../cli.ts";
import { unless } from "../installed.ts";
import { contentsOf, smallInputs, type SmallStage } from "./small_pipeline.ts";

const run = (task: SmallStage["task"], args: string[]) => {
  return runTask(task, [...args, "--progress", "none"]);
};

const whyNoMount = await (async () => {
  const folder = await Deno.makeTempDir();
  try {
    await mount(folder, "size=64k");
    await umount(folder);
    return null;
  } catch {
    return "mounting takes root, and a system that lets it";
  } finally {
    await Deno.remove(folder);
  }
})();

async function command(name: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(name, { args, stderr: "null" }).output();
  if (!success) throw new Error(`${name} ${args.join(" ")} failed`);
}
function mount(folder: string, options: string): Promise<void> {
  return command("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
}
function umount(folder: string): Promise<void> {
  return command("umount", folder);
}

/** A folder with a small file system of its own mounted in it, as `disk`. */
function onDisk(size: string, test: (folder: string, disk: string) => Promise<void>) {
  return inFolder(async (folder) => {
    const disk = join(folder, "disk");
    Deno.mkdirSync(disk);
    await mount(disk, `size=${size}`);
    try {
      await test(folder, disk);
    } finally {
      await umount(disk);
    }
  });
}

function assertFailed({ code, stderr }: Ended, status: number, rule: RegExp): void {
  assert.equal(code, status, stderr);
  assert.match(stderr, rule);
  assert.ok(!stderr.trimEnd().includes("\n") && !/^ {4}at /m.test(stderr), `one line: ${stderr}`);
}

async function allStages(folder: string): Promise<SmallStage[]> {
  const { model, teacher, scored, prompts, replies } = await smallInputs(folder, {
    size: 40,
    chars: 4000,
  });
  const format = ["--format", "prompted-nothink"];
  return [
    {
      task: "sample-policy",
      args: (out) => [
        ...["--prompts", prompts, "--model", `replay/${replies}`, "--n", "2", ...format],
        ...["--out", out],
      ],
    },
    {
      task: "score-responses",
      args: (out) => ["--in", replies, "--reward-model", "embedded", "--out", out],
    },
    {
      task: "build-sft",
      args: (out) => ["--in", teacher, "--tokenizer", model, "--variant", "nothink", "--out", out],
    },
    {
      task: "build-dpo",
      args: (out) => [
        ...["--in", scored, "--tokenizer", model, "--min-responses", "2", "--out", out, ...format],
      ],
    },
  ];
}

Deno.test({
  ...unless(
    whyNoMount,
    "a disk that fills up ends a stage in one line; with room again, the same command ends well",
  ),
  fn: () =>
    onDisk("100k", async (folder, disk) => {
      for (const { task, args } of await allStages(folder)) {
        const calm = join(folder, task), out = join(disk, task);
        const undisturbed = await run(task, args(calm));
        assert.equal(undisturbed.code, 0, undisturbed.stderr);
        await command("mount", "-o", `remount,size=${task.startsWith("build") ? 16 : 100}k`, disk);
        assertFailed(await run(task, args(out)), 1, /cannot write.*No space left|os error 28/);
        if (task.startsWith("build")) assert.deepEqual([...Deno.readDirSync(disk)], []);
        else {
          const text = Deno.readTextFileSync(join(out, "records", "part-00000-of-00001.jsonl"));
          assert.ok(text.endsWith("\n") && text.split("\n").length > 5, "whole lines were saved");
        }
        await command("mount", "-o", "remount,size=16m", disk);
        const again = await run(task, args(out));
        assert.equal(again.code, 0, again.stderr);
        assert.deepEqual(contentsOf(out), contentsOf(calm));
        await Deno.remove(out, { recursive: true });
      }
    }),
});

Deno.test({
  ...unless(
    whyNoMount,
    "a disk without room for a single file, or that is read-only, is told of in one line",
  ),
  fn: () =>
    onDisk("16m", async (folder, disk) => {
      const stages = await allStages(folder);
      Deno.mkdirSync(join(disk, "there"));
      await command("mount", "-o", "remount,ro", disk);
      for (const { task, args } of stages) {
        for (const name of ["there", "new"]) {
          assertFailed(await run(task, args(join(disk, name))), 2, /Read-only file system/);
        }
      }
      await command("mount", "-o", "remount,rw", disk);
      const file = await Deno.create(join(disk, "filler"));
      await assert.rejects(async () => {
        while (true) await file.write(new Uint8Array(1 << 16));
      });
      file.close();
      for (const { task, args } of stages) {
        const ended = await run(task, args(join(disk, "there")));
        assertFailed(ended, 1, /cannot (write|make).*No space left/);
      }
    }),
});
