/**
 * The stage runner alone: prompts read, surveyed and keyed, a record of 200 bytes made at once,
 * appended, checked and put into input order at the end. There is no peer; the sizes are each
 * other's.
 */
import { join } from "node:path";
import { measured, program, type Usage } from "./measured.ts";
import { median, medianOf, type Row, type Setup } from "./row.ts";
import { writeRows } from "./write_file.ts";

interface Run extends Usage {
  rate: number;
}

export async function runner({ pairs, quick, folder }: Setup): Promise<Row[]> {
  const sizes = quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000];
  const all: { size: number; runs: Run[] }[] = [];
  for (const size of sizes) {
    const path = join(folder, `${size}.jsonl`);
    writeRows(path, size, promptRow);
    const runs: Run[] = [];
    for (let turn = 0; turn < (size > 10_000 ? 1 : pairs); turn++) {
      const out = join(folder, "out");
      const usage = await measured(program("runner_work.ts", path, out));
      const { worked, seconds } = JSON.parse(usage.printed);
      if (worked !== size) throw new Error(`the runner did ${worked} of ${size}`);
      runs.push({ ...usage, rate: size / seconds });
      await Deno.remove(out, { recursive: true });
    }
    await Deno.remove(path);
    all.push({ size, runs });
  }
  const least = all[0]!;
  return all.map(({ size, runs }) => {
    const count = size.toLocaleString("en");
    const rate = median(runs.map((run) => run.rate));
    const target = { text: "over 5,000 a second, memory flat", met: rate > 5_000 };
    const row: Row = {
      what: `the runner alone, ${count} prompts`,
      ours: `${rate.toFixed(0)} records/s, ${medianOf(runs, (run) => size / run.cpu_s, 0)}/CPU s, ${
        medianOf(runs, (run) => run.peak_mb, 0)
      } MB`,
      peer: "",
      ratios: [],
      unit: "",
      target,
      headline: size === all.at(-1)!.size,
    };
    if (size === least.size) return row;
    const own = medianOf(least.runs, (run) => run.peak_mb, 0);
    const grown = median(runs.map((run) => run.peak_mb)) /
      median(least.runs.map((run) => run.peak_mb));
    return {
      ...row,
      peer: `itself at ${least.size.toLocaleString("en")}: ${own} MB`,
      ratios: [grown],
      unit: `of the memory at ${size / least.size} times the prompts`,
      target: { ...target, met: target.met && grown <= 1.5 },
      note: "Memory counts as flat here up to 1.5 times that of the least size. Of each prompt " +
        "the runner keeps its id's hash and its key until all are read, 25 bytes with what finds " +
        "them, then its key and its place, 17 bytes, so some growth is expected.",
    };
  });
}

/** A prompt of some 200 characters. */
export function promptRow(index: number) {
  const content = `Question ${index}: ${"what follows from this ".repeat(8)}?`;
  return { id: `p${index}`, messages: [{ role: "user", content }] };
}
