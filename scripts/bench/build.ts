/**
 * Dataset building against plain Python scripts of the usual kind (build_sft.py, build_dpo.py):
 * processor time and peak memory of whole processes, on the same made-up records of about 600
 * tokens a reply.
 */
import { join } from "node:path";
import { makeBaseFolder } from "../../tests/base_folders.ts";
import { measured, task, type Usage } from "./measured.ts";
import { scoredLine, teacherLine } from "./made_up_records.ts";
import { inTurn, median, medianOf, type Row, type Setup, type WithPython } from "./row.ts";
import { writeLines } from "./write_file.ts";

export async function build(setup: WithPython): Promise<Row[]> {
  const tokenizer = join(setup.folder, "tokenizer");
  await makeBaseFolder("qwen3", tokenizer);
  const sizes = setup.quick ? [100, 400] : [6_000, 24_000];
  const once = { ...setup, pairs: 1 };
  return [
    await against("sft", sizes[0]!, tokenizer, setup),
    await against("sft", setup.quick ? 200 : 60_000, tokenizer, once),
    await against("dpo", sizes[0]!, tokenizer, setup),
    await against("dpo", setup.quick ? 200 : 30_000, tokenizer, once),
    await growth(sizes[0]!, sizes[1]!, tokenizer, setup),
  ];
}

async function against(
  stage: "sft" | "dpo",
  rows: number,
  tokenizer: string,
  { folder, pairs, python }: WithPython,
): Promise<Row> {
  const path = join(folder, "records.jsonl"), out = join(folder, "out");
  writeLines(path, rows, stage === "sft" ? teacherLine : scoredLine);
  const script = join(import.meta.dirname!, `build_${stage}.py`);
  const flags = stage === "sft" ? ["--think"] : ["--format", "chat-think"];
  const both = await inTurn(
    pairs,
    () => builds(stage, path, out, tokenizer),
    () => removing(out, measured([python, script, path, out, tokenizer, ...flags])),
  );
  const memory = medianOf(both.ours, (run) => run.peak_mb, 0);
  const ratios = both.ours.map((run, at) => both.theirs[at]!.cpu_s / run.cpu_s);
  const share = median(both.ours.map((run, at) => run.peak_mb / both.theirs[at]!.peak_mb));
  const least = stage === "sft" ? 3 : 15;
  return {
    what: `${stage.toUpperCase()} set of ${rows.toLocaleString("en")} rows`,
    ours: shown(both.ours),
    peer: `Python script: ${shown(both.theirs)}`,
    ratios,
    unit: "times less CPU",
    target: {
      text: `at least ${least} times, a quarter of the memory`,
      met: median(ratios) >= least && share <= 1 / 4,
    },
    note: `A plain script with datasets and transformers, all rows in memory; thinkset took ${
      share.toFixed(2)
    } of its memory (${memory} MB)${
      stage === "sft" ? ", wrote both configurations, hashes and a report besides" : ""
    }.`,
    headline: pairs > 1,
  };
}

async function growth(
  few: number,
  many: number,
  tokenizer: string,
  { folder, quick }: Setup,
): Promise<Row> {
  const path = join(folder, "records.jsonl"), out = join(folder, "out");
  const usages: Usage[] = [];
  for (const rows of [few, many]) {
    writeLines(path, rows, scoredLine);
    usages.push(await builds("dpo", path, out, tokenizer));
  }
  await Deno.remove(path);
  const [less, more] = usages as [Usage, Usage];
  const ratio = more.peak_mb / less.peak_mb;
  return {
    what: `DPO set of ${many.toLocaleString("en")} rows`,
    ours: shown([more]),
    peer: `itself at ${few.toLocaleString("en")}: ${shown([less])}`,
    ratios: [ratio],
    unit: `of the memory at ${many / few} times the rows`,
    target: { text: "at most 1.3", met: ratio <= 1.3 },
    note: `Processor time grew ${(more.cpu_s / less.cpu_s).toFixed(1)} times.${
      quick ? " Small sizes: the start is most of it." : ""
    }`,
  };
}

/** Runs the task as a user does. */
function builds(
  stage: "sft" | "dpo",
  path: string,
  out: string,
  tokenizer: string,
): Promise<Usage> {
  const flags = ["--in", path, "--out", out, "--tokenizer", tokenizer];
  if (stage === "dpo") flags.push("--format", "chat-think");
  return removing(out, measured(task(`build-${stage}`, ...flags)));
}

async function removing(out: string, usage: Promise<Usage>): Promise<Usage> {
  try {
    return await usage;
  } finally {
    await Deno.remove(out, { recursive: true }).catch(() => {});
  }
}

const shown = (runs: Usage[]) =>
  `${median(runs.map((run) => run.cpu_s)).toFixed(1)} CPU s, ` +
  `${median(runs.map((run) => run.peak_mb)).toFixed(0)} MB`;
