/**
 * What is done for V8's garbage collector alone, on and off: the tasks' flags, and hash64's one
 * hasher.
 * What saves neither 5% of the time nor 10% of the memory is to go.
 */
import { join } from "node:path";
import { makeBaseFolder } from "../../tests/base_folders.ts";
import { scoredRecord } from "./made_up_records.ts";
import { measured, program, task, type Usage } from "./measured.ts";
import { inTurn, median, medianOf, type Row, type Setup } from "./row.ts";
import { promptRow } from "./runner.ts";
import { writeRows } from "./write_file.ts";

export async function tricks({ folder, pairs, quick }: Setup): Promise<Row[]> {
  const path = join(folder, "records.jsonl"), out = join(folder, "out");
  const onAndOff = async (what: string, on: string[], off: string[]) => {
    const run = async (command: string[]) => {
      const usage = await measured(command);
      await Deno.remove(out, { recursive: true }).catch(() => {});
      return usage;
    };
    return rowOf(what, await inTurn(pairs, () => run(on), () => run(off)));
  };
  const growing = async () => {
    const prompts = quick ? 1_000 : 300_000;
    writeRows(path, prompts, promptRow);
    const on = program("runner_work.ts", path, out);
    const what = `--heap-growing-percent of tasks that sample and score, the runner alone, ` +
      `${prompts.toLocaleString("en")} prompts`;
    return await onAndOff(
      what,
      on,
      on.map((arg) => arg.replace(/--heap-growing-percent=\d+,/, "")),
    );
  };
  const semiSpace = async () => {
    const rows = quick ? 100 : 40_000, tokenizer = join(folder, "tokenizer");
    await makeBaseFolder("qwen3", tokenizer);
    writeRows(path, rows, scoredRecord);
    const flags = ["--in", path, "--out", out, "--tokenizer", tokenizer, "--format", "chat-think"];
    const on = task("build-dpo", ...flags);
    const what = `--max-semi-space-size of build-dpo, DPO set of ${rows.toLocaleString("en")} rows`;
    return await onAndOff(what, on, on.filter((arg) => !arg.startsWith("--v8-flags")));
  };
  return [
    await growing(),
    await semiSpace(),
    await onAndOff(
      "one hasher for all ids, 500,000 of them",
      program("hash_work.ts", "shared"),
      program("hash_work.ts", "runtime"),
    ),
  ];
}

function rowOf(what: string, { ours, theirs }: { ours: Usage[]; theirs: Usage[] }): Row {
  const ratios = ours.map((run, at) => run.peak_mb / theirs[at]!.peak_mb);
  const time = median(ours.map((run, at) => run.cpu_s / theirs[at]!.cpu_s));
  return {
    what,
    ours: shown(ours),
    peer: `without: ${shown(theirs)}`,
    ratios,
    unit: "of the memory without",
    target: {
      text: "at most 0.9, or 0.95 of the time",
      met: median(ratios) <= 0.9 || time <= 0.95,
    },
    note: `${time.toFixed(2)} of the processor time without.`,
  };
}

const shown = (runs: Usage[]) =>
  `${medianOf(runs, (run) => run.cpu_s)} CPU s, ${medianOf(runs, (run) => run.peak_mb, 0)} MB`;
