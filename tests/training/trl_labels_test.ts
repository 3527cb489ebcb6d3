import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/dpo.ts";
import { buildSft } from "../../lib/dataset/sft/sft.ts";
import { readRows } from "../../lib/io/read_rows.ts";
import { checkRows } from "../../lib/training/check_rows.ts";
import { openTrainingTokenizer } from "../../lib/training/open_tokenizer.ts";
import { labelsOf } from "../../lib/training/sequence.ts";
import type { Trainer } from "../../lib/training/trainer.ts";
import { type TrainingRow, trainingRow } from "../../lib/training/training_row.ts";
import { trl } from "../../lib/training/trainers/trl.ts";
import { inFolder, writeLines } from "../dataset/records.ts";
import { noTraining, trainPython } from "../dataset/train_python.ts";
import { unless } from "../installed.ts";
import { realRecords, realScoredRecords } from "./real_records.ts";
import { makeTemplateFolder, TEMPLATE_FAMILIES, type TemplateFamily } from "./template_folders.ts";
import { runTrainer } from "./run_trainer.ts";

const asked = Deno.env.get("THINKSET_TRAINERS");
const skipped = asked ? noTraining : "THINKSET_TRAINERS not set (deno task test:trainers)";
const ROWS = Number(asked) > 1 ? Number(asked) : 100;
const MAX_LENGTH = 300;
const quiet = { log: () => {} };

/** Ids and labels of each row's sequences; null for a row that the trainer drops. */
type Labels = ([number[], number[]][] | null)[];

async function oursOf(
  trainer: Trainer,
  tokenizerDir: string,
  file: string,
  settings: { assistantOnlyLoss: boolean },
): Promise<Labels> {
  const tokenizer = await openTrainingTokenizer(tokenizerDir);
  const render = await trainer.open(tokenizer, { maxLength: MAX_LENGTH, ...settings });
  const labels: Labels = [];
  for await (
    const { trained: { sequences }, faults } of checkRows(rowsOf(file), render, tokenizer)
  ) {
    const isDropped = faults.some(({ rule }) => rule === "nothing_learnt");
    labels.push(
      isDropped ? null : sequences.map(({ sequence }) => [
        sequence.ids.slice(0, sequence.kept),
        labelsOf(sequence),
      ]),
    );
  }
  return labels;
}

async function* rowsOf(file: string): AsyncGenerator<TrainingRow> {
  for await (const { row, where } of readRows(file)) {
    const read = trainingRow(row, where);
    if (typeof read === "string") throw new Error(read);
    yield read;
  }
}

const fileOf = (folder: string, part = "data") => {
  const [file] = [...Deno.readDirSync(join(folder, part))].map(({ name }) => name)
    .filter((name) => name.startsWith("train")).sort();
  return join(folder, part, file!);
};

/** Rows of a dataset, as TRL is to be set for them. */
interface Task {
  what: string;
  tokenizer: string;
  file: string;
  pairs: boolean;
  assistant_only_loss: boolean;
}

/** The datasets of a family: both variants in both configurations, and pairs. */
async function tasksOf(family: TemplateFamily, folder: string, python: string): Promise<Task[]> {
  const tokenizer = await makeTemplateFolder(family, join(folder, "tokenizer"), python);
  const records = await writeLines(join(folder, "records.jsonl"), realRecords(ROWS));
  const scored = await writeLines(join(folder, "scored.jsonl"), realScoredRecords(ROWS));
  const tasks: Task[] = [];
  const add = (what: string, file: string, pairs = false) =>
    tasks.push({
      what: `${family}, ${what}`,
      tokenizer,
      file,
      pairs,
      assistant_only_loss: false,
    });
  for (const variant of ["think", "nothink"] as const) {
    const out = join(folder, variant);
    await buildSft({ in: records, out, variant, tokenizer: [`t=${tokenizer}`] }, quiet);
    add(`${variant}, prompt and completion`, fileOf(out, "prompt_completion"));
    add(`${variant}, messages`, fileOf(out));
  }
  const out = join(folder, "dpo");
  await buildDpo({ in: scored, out, tokenizer, format: "chat-think" }, quiet);
  add("pairs", fileOf(out), true);
  return tasks;
}

Deno.test({
  ...unless(skipped, "what TRL learns of rows in five templates is what was foretold"),
  fn: inFolder(async (folder) => {
    const python = await trainPython();
    const tasks: Task[] = [];
    for (const family of Object.keys(TEMPLATE_FAMILIES) as TemplateFamily[]) {
      const own = join(folder, family);
      await Deno.mkdir(own);
      tasks.push(...await tasksOf(family, own, python));
    }
    const theirs = await runTrainer<Labels[]>(python, "trl_labels.py", {
      now: "2024-07-26T12:00:00",
      max_length: MAX_LENGTH,
      tasks,
    });
    const differ: string[] = [];
    for (const [index, { what, tokenizer, file, assistant_only_loss }] of tasks.entries()) {
      const ours = await oursOf(trl, tokenizer, file, { assistantOnlyLoss: assistant_only_loss });
      assert.equal(ours.length, theirs[index]!.length, what);
      const wrong = ours.keys().filter((row) =>
        JSON.stringify(ours[row]) !== JSON.stringify(theirs[index]![row])
      ).toArray();
      if (wrong.length > 0) {
        differ.push(`${what}: ${wrong.length} of ${ours.length}, row ${wrong[0]}`);
      }
    }
    assert.deepEqual(differ, []);
  }),
});
