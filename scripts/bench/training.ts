/**
 * Checking what is learnt against TRL's own preparation of the same rows: `check-training` as a whole
 * process, TRL from the opened dataset to the prepared one, with its imports left out.
 */
import { join } from "node:path";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { trainingPython } from "../../lib/prove/environment.ts";
import { makeBaseFolder } from "../../tests/base_folders.ts";
import { teacherRecord } from "./made_up_records.ts";
import { measured, task } from "./measured.ts";
import { inTurn, median, type Row, type Setup } from "./row.ts";
import { writeRows } from "./write_file.ts";

/** The share of TRL's time at most. */
const SHARE = 1 / 3;

export async function training({ folder, pairs, quick }: Setup): Promise<Row[]> {
  const rows = quick ? 300 : 60_000;
  const tokenizer = join(folder, "tokenizer"), records = join(folder, "records.jsonl");
  const out = join(folder, "sft");
  await makeBaseFolder("qwen3", tokenizer);
  writeRows(records, rows, teacherRecord);
  await buildSft({ in: records, out, variant: "think", tokenizer: [tokenizer] }, {
    context: { log: () => {} },
  });
  const python = await trainingPython(console.error, new AbortController().signal);
  const script = join(import.meta.dirname!, "trl_prepare.py");
  // The folder is a base model's, whose EOS ends no turn.
  const flags = ["--tokenizer", tokenizer, "--max-length", "4096", "--allow", "end_not_eos"];
  // As users have it: encoding takes all cores where a program hands it many texts at once.
  const env = { TOKENIZERS_PARALLELISM: "true" };
  const both = await inTurn(
    pairs,
    () => measured(task("check-training", "--in", out, ...flags), env),
    () => measured([python, script, join(out, "prompt_completion"), tokenizer], env),
  );
  const theirs = both.theirs.map(({ printed }): number[] => JSON.parse(printed));
  const theirCpu = theirs.map(([cpu]) => cpu!), theirWall = theirs.map(([, wall]) => wall!);
  const cpu = both.ours.map(({ cpu_s }) => cpu_s), wall = both.ours.map(({ wall_s }) => wall_s);
  const ratios = wall.map((seconds, at) => seconds / theirWall[at]!);
  const cpuShare = median(cpu.map((seconds, at) => seconds / theirCpu[at]!));
  return [{
    what: `What trainers learn of ${rows.toLocaleString("en")} rows`,
    ours: `${median(wall).toFixed(1)} s, ${median(cpu).toFixed(1)} CPU s, ${
      median(both.ours.map(({ peak_mb }) => peak_mb)).toFixed(0)
    } MB`,
    peer: `TRL 1.16's own preparation: ${median(theirWall).toFixed(1)} s, ${
      median(theirCpu).toFixed(1)
    } CPU s`,
    ratios,
    unit: "of TRL's time",
    target: { text: "at most a third", met: median(ratios) <= SHARE },
    note: "thinkset's time is of the whole process, TRL's without its imports; " +
      `${cpuShare.toFixed(2)} of TRL's processor time.`,
  }];
}
