/**
 * Dataset building against scripts of the public kind (build_sft.py, build_dpo.py), which keep all
 * rows in lists, at equal output: the same configurations and columns as Parquet, compressed with
 * zstd, in row groups of 1,000. Whole processes, on the same made-up replies of about 600 words in
 * ten languages, half of the rows ASCII.
 */
import { join } from "node:path";
import { type BaseFamily, makeBaseFolder } from "../../tests/base_folders.ts";
import {
  publicScoredRow,
  publicTeacherRow,
  scoredRecord,
  teacherRecord,
} from "./made_up_records.ts";
import { measured, task, type Usage } from "./measured.ts";
import { inTurn, median, medianOf, type Row, type WithPython } from "./row.ts";
import { type Layout, writeRows } from "./write_file.ts";

type Stage = "sft" | "dpo";

/** One comparison: how many rows, of which file, by which tokenizer. */
interface Build {
  stage: Stage;
  rows: number;
  layout: Layout;
  family: Exclude<BaseFamily, "qwen2">;
  headline?: boolean;
}

/** What is aimed at, in shares of the peer's. */
const TARGETS: Record<Stage, { cpu: number; wall: number; memory: number; text: string }> = {
  sft: {
    ...{ cpu: 1 / 2, wall: 1 / 3, memory: 1 / 10 },
    text: "at most half its CPU, a third of its time, a tenth of its memory",
  },
  dpo: {
    ...{ cpu: 1 / 10, wall: 1, memory: 1 / 4 },
    text: "at most a tenth of its CPU, a quarter of its memory",
  },
};

/** Thinkset's own records are lines, public scripts' rows an array. */
const ROWS = {
  sft: { lines: teacherRecord, array: publicTeacherRow },
  dpo: { lines: scoredRecord, array: publicScoredRow },
};
const FAMILIES = { llama: "Llama 3.1", qwen3: "Qwen3" };
const LAYOUTS = { lines: "JSON Lines", array: "a JSON array" };

export async function build(setup: WithPython): Promise<Row[]> {
  const { quick } = setup;
  for (const family of ["llama", "qwen3"] as const) {
    await makeBaseFolder(family, join(setup.folder, family));
  }
  const size = (rows: number) => quick ? rows / 100 : rows;
  const rows: Row[] = [];
  for (
    const build of [
      { stage: "sft", rows: size(10_000), layout: "lines", family: "llama" },
      { stage: "sft", rows: size(10_000), layout: "array", family: "qwen3" },
      { stage: "sft", rows: size(60_000), layout: "lines", family: "qwen3", headline: true },
      { stage: "sft", rows: size(60_000), layout: "array", family: "llama", headline: true },
      { stage: "dpo", rows: size(10_000), layout: "lines", family: "llama" },
      { stage: "dpo", rows: size(10_000), layout: "array", family: "qwen3", headline: true },
    ] as const
  ) rows.push(await against(build, setup));
  // The peer takes minutes here.
  const large = { stage: "dpo", rows: size(30_000), layout: "lines", family: "qwen3" } as const;
  rows.push(await against({ ...large, headline: true }, { ...setup, pairs: 1 }));
  rows.push(await growth([size(10_000), size(40_000)], setup));
  return rows;
}

async function against(
  { stage, rows, layout, family, headline }: Build,
  { folder, pairs, python }: WithPython,
): Promise<Row> {
  const path = join(folder, layout === "lines" ? "records.jsonl" : "records.json");
  const out = join(folder, "out"), tokenizer = join(folder, family);
  writeRows(path, rows, ROWS[stage][layout], layout);
  const script = join(import.meta.dirname!, `build_${stage}.py`);
  const flags = stage === "sft" ? ["--think"] : ["--format", "chat-think"];
  const { ours, theirs } = await inTurn(
    pairs,
    () => builds(stage, path, out, tokenizer),
    () => removing(out, measured([python, script, path, out, tokenizer, ...flags, "--parquet"])),
  );
  await Deno.remove(path);
  const shares = (of: (run: Usage) => number) => ours.map((run, at) => of(run) / of(theirs[at]!));
  const cpu = shares((run) => run.cpu_s);
  const wall = median(shares((run) => run.wall_s));
  const memory = median(shares((run) => run.peak_mb));
  const most = TARGETS[stage];
  return {
    what: `${stage.toUpperCase()} set of ${rows.toLocaleString("en")} rows, ${LAYOUTS[layout]}, ${
      FAMILIES[family]
    }`,
    ours: shown(ours),
    peer: `Python, all rows in lists: ${shown(theirs)}`,
    ratios: cpu,
    unit: "of the peer's CPU",
    target: {
      text: most.text,
      met: median(cpu) <= most.cpu && wall <= most.wall && memory <= most.memory,
    },
    note: `${wall.toFixed(2)} of the peer's time, ${memory.toFixed(2)} of its memory.`,
    headline,
  };
}

async function growth(
  [few, many]: readonly [number, number],
  { folder, pairs, quick }: WithPython,
): Promise<Row> {
  const path = join(folder, "records.jsonl"), out = join(folder, "out");
  const tokenizer = join(folder, "qwen3");
  const runs: Usage[][] = [];
  for (const rows of [few, many]) {
    writeRows(path, rows, scoredRecord);
    const usages: Usage[] = [];
    for (let pair = 0; pair < pairs; pair++) usages.push(await builds("dpo", path, out, tokenizer));
    runs.push(usages);
  }
  await Deno.remove(path);
  const [less, more] = runs as [Usage[], Usage[]];
  const ratios = more.map((run, at) => run.peak_mb / less[at]!.peak_mb);
  const time = median(more.map((run, at) => run.cpu_s / less[at]!.cpu_s));
  return {
    what: `DPO set of ${many.toLocaleString("en")} rows`,
    ours: shown(more),
    peer: `itself at ${few.toLocaleString("en")}: ${shown(less)}`,
    ratios,
    unit: `of the memory at ${many / few} times the rows`,
    target: {
      text: "at most 1.3, time at most linear",
      met: median(ratios) <= 1.3 && time <= many / few,
    },
    note: `Processor time grew ${time.toFixed(1)} times.${
      quick ? " Small sizes: the start is most of it." : ""
    }`,
  };
}

/** Runs the task as a user does. */
function builds(stage: Stage, path: string, out: string, tokenizer: string): Promise<Usage> {
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
  `${medianOf(runs, (run) => run.cpu_s)} CPU s, ${medianOf(runs, (run) => run.wall_s)} s, ` +
  `${medianOf(runs, (run) => run.peak_mb, 0)} MB`;
