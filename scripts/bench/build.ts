/**
 * Dataset building against Python: `datasets`' own filter and map, a row at a time, writing the same
 * files (map_datasets.py), and scripts of the public kind, which keep all rows in lists (build_sft.py,
 * build_dpo.py): in a note, and as the peer where texts are of many languages. Processor time and
 * peak memory of whole processes, on the same made-up records of about 600 words a reply.
 */
import { join } from "node:path";
import { makeBaseFolder } from "../../tests/base_folders.ts";
import { measured, task, type Usage } from "./measured.ts";
import { manyLanguagesLine, scoredLine, teacherLine } from "./made_up_records.ts";
import { inTurn, median, type Row, type Setup, type WithPython } from "./row.ts";
import { writeLines } from "./write_file.ts";

export async function build(setup: WithPython): Promise<Row[]> {
  const tokenizer = join(setup.folder, "tokenizer");
  await makeBaseFolder("qwen3", tokenizer);
  const { quick } = setup;
  return [
    await against({ stage: "sft", rows: quick ? 100 : 6_000, least: 3 }, tokenizer, setup),
    await against({ stage: "sft", rows: quick ? 200 : 60_000, least: 3 }, tokenizer, setup),
    await manyLanguages(quick ? 100 : 60_000, tokenizer, setup),
    await against({ stage: "dpo", rows: quick ? 100 : 6_000 }, tokenizer, setup),
    await against({ stage: "dpo", rows: quick ? 200 : 30_000, least: 15 }, tokenizer, setup),
    await growth(quick ? [100, 400] : [30_000, 120_000], tokenizer, setup),
  ];
}

/** The share of the peer's memory at most. */
const MEMORY = 1 / 4;

/** `least` is how many times less processor time the build is to take. */
async function against(
  { stage, rows, least = 1 }: { stage: "sft" | "dpo"; rows: number; least?: number },
  tokenizer: string,
  { folder, pairs, python }: WithPython,
): Promise<Row> {
  const path = join(folder, "records.jsonl"), out = join(folder, "out");
  writeLines(path, rows, stage === "sft" ? teacherLine : scoredLine);
  const script = (name: string) => [python, join(import.meta.dirname!, name)];
  const maps = [...script("map_datasets.py"), stage, path, out, tokenizer];
  const both = await inTurn(
    pairs,
    () => builds(stage, path, out, tokenizer),
    () => removing(out, measured(maps)),
  );
  const flags = stage === "sft" ? ["--think"] : ["--format", "chat-think"];
  const lists = [...script(`build_${stage}.py`), path, out, tokenizer, ...flags];
  const inLists = await removing(out, measured(lists));
  const ratios = both.ours.map((run, at) => both.theirs[at]!.cpu_s / run.cpu_s);
  const share = median(both.ours.map((run, at) => run.peak_mb / both.theirs[at]!.peak_mb));
  const own = median(both.ours.map((run) => run.cpu_s));
  return {
    what: `${stage.toUpperCase()} set of ${rows.toLocaleString("en")} rows`,
    ours: shown(both.ours),
    peer: `Python, datasets' map: ${shown(both.theirs)}`,
    ratios,
    unit: "times less CPU",
    target: {
      text: `${least > 1 ? `at least ${least} times, ` : ""}a quarter of the memory`,
      met: median(ratios) >= least && share <= MEMORY,
    },
    note:
      `thinkset took ${share.toFixed(2)} of the peer's memory. A script that keeps all rows in ` +
      `lists and writes one configuration, uncompressed, run once: ${shown([inLists])}, ` +
      `${(inLists.cpu_s / own).toFixed(1)} times thinkset's CPU and ` +
      `${
        (inLists.peak_mb / median(both.ours.map((run) => run.peak_mb))).toFixed(1)
      } times its memory.`,
    headline: true,
  };
}

/** JSON Lines of many languages, against a plain script of the public kind: rows in lists. */
async function manyLanguages(
  rows: number,
  tokenizer: string,
  { folder, pairs, python }: WithPython,
): Promise<Row> {
  const path = join(folder, "records.jsonl"), out = join(folder, "out");
  writeLines(path, rows, manyLanguagesLine);
  const script = join(import.meta.dirname!, "build_sft.py");
  const both = await inTurn(
    pairs,
    () => builds("sft", path, out, tokenizer),
    () => removing(out, measured([python, script, path, out, tokenizer, "--think"])),
  );
  const ratios = both.ours.map((run, at) => run.cpu_s / both.theirs[at]!.cpu_s);
  const share = median(both.ours.map((run, at) => run.peak_mb / both.theirs[at]!.peak_mb));
  return {
    what: `SFT set of ${rows.toLocaleString("en")} rows of many languages`,
    ours: shown(both.ours),
    peer: `Python, all rows in lists, one configuration, uncompressed: ${shown(both.theirs)}`,
    ratios,
    unit: "of the peer's CPU",
    target: {
      text: "at most half its CPU, a tenth of its memory",
      met: median(ratios) <= 0.5 && share <= 0.1,
    },
    note: `thinkset took ${share.toFixed(2)} of the peer's memory, and writes two configurations.`,
  };
}

async function growth(
  [few, many]: readonly [number, number],
  tokenizer: string,
  { folder, pairs, quick }: Setup,
): Promise<Row> {
  const path = join(folder, "records.jsonl"), out = join(folder, "out");
  const runs: Usage[][] = [];
  for (const rows of [few, many]) {
    writeLines(path, rows, scoredLine);
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
