/**
 * Memory does not grow with the input: what a run knows of a prompt is some 40 bytes. The rest of
 * what a process holds is V8's heap, which grows lazily; the tasks have flags that keep it small
 * (--heap-growing-percent, --max-semi-space-size).
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { scoredRecord } from "../dataset/records.ts";
import { inFolder, taskArgs } from "../cli.ts";
import { unless } from "../installed.ts";

/** Runs a Deno command to its end and gives its highest resident memory in MB. */
async function peakOf(args: string[]): Promise<number> {
  const process = new Deno.Command(Deno.execPath(), { args, stderr: "piped" }).spawn();
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${process.pid}/status`);
      const kilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      if (kilobytes > 0) peak = kilobytes / 1024;
    } catch { /* it has ended */ }
  }, 20);
  const { code, stderr } = await process.output();
  clearInterval(watch);
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return peak;
}

/** Prompts, and a policy's recorded replies to them. */
async function write(folder: string, count: number): Promise<{ prompts: string; replies: string }> {
  const prompts = join(folder, `prompts-${count}.jsonl`);
  const replies = join(folder, `replies-${count}.jsonl`);
  const files = [await Deno.create(prompts), await Deno.create(replies)].map((file) =>
    file.writable.getWriter()
  );
  const encoder = new TextEncoder();
  for (let from = 0; from < count; from += 1000) {
    const lines: [string[], string[]] = [[], []];
    for (let i = from; i < from + 1000; i++) {
      const { reward_model: _, ...record } = scoredRecord(
        `p${i}`,
        [1, 2],
        { prompt: [{ role: "user", content: "What is it, and why? ".repeat(10) + i }] },
        "prompted-nothink",
      );
      lines[0].push(JSON.stringify({ id: record.id, messages: record.prompt }));
      lines[1].push(JSON.stringify(record));
    }
    await Promise.all(
      files.map((file, i) => file.write(encoder.encode(lines[i]!.join("\n") + "\n"))),
    );
  }
  await Promise.all(files.map((file) => file.close()));
  return { prompts, replies };
}

Deno.test({
  ...unless(
    Deno.build.os === "linux" ? null : "not Linux",
    "sampling and scoring 100,000 prompts take at most 1.3 times the memory of 10,000",
  ),
  fn: () =>
    inFolder(async (folder) => {
      // Scored by a stub, so that a model's own memory does not hide what the run takes.
      const program = new URL("memory_program.ts", import.meta.url).pathname;
      const flags = taskArgs("score-responses", []).filter((arg) => arg !== "run").slice(0, -1);
      const peaks: Record<string, number[]> = { sampling: [], scoring: [] };
      for (const count of [10_000, 100_000]) {
        const { prompts, replies } = await write(folder, count);
        peaks.sampling!.push(
          await peakOf(taskArgs("sample-policy", [
            ...["--prompts", prompts, "--model", `replay/${replies}`, "--n", "2"],
            ...["--format", "prompted-nothink", "--out", join(folder, `sampled-${count}`)],
            ...["--progress", "none"],
          ])),
        );
        peaks.scoring!.push(
          await peakOf(["run", ...flags, program, replies, join(folder, `scored-${count}`)]),
        );
      }
      for (const [what, [few, many]] of Object.entries(peaks)) {
        const ratio = many! / few!;
        console.log(
          `${what}: ${few!.toFixed(0)} MB for 10,000, ${many!.toFixed(0)} MB for 100,000: ` +
            ratio.toFixed(2),
        );
        assert.ok(few! > 50 && ratio <= 1.3, `${what}: ${ratio}`);
      }
    }),
});
