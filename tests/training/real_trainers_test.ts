import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/dpo.ts";
import { buildSft } from "../../lib/dataset/sft/sft.ts";
import { readRows } from "../../lib/io/read_rows.ts";
import { checkRows } from "../../lib/training/check_rows.ts";
import { openTrainingTokenizer } from "../../lib/training/open_tokenizer.ts";
import { keptIds, labelsOf } from "../../lib/training/sequence.ts";
import type { Trainer } from "../../lib/training/trainer.ts";
import { type TrainingRow, trainingRow } from "../../lib/training/training_row.ts";
import { axolotl } from "../../lib/training/trainers/axolotl.ts";
import { trl } from "../../lib/training/trainers/trl.ts";
import { verl } from "../../lib/training/trainers/verl.ts";
import { inFolder, writeLines } from "../dataset/records.ts";
import { noTraining, runProgram, trainPython } from "../dataset/train_python.ts";
import { unless } from "../installed.ts";
import { realRecords, realScoredRecords } from "./real_records.ts";
import { makeTemplateFolder, TEMPLATE_FAMILIES, type TemplateFamily } from "./template_folders.ts";

const asked = Deno.env.get("THINKSET_TRAINERS");
const skipped = asked ? noTraining : "THINKSET_TRAINERS not set (deno task test:trainers)";
const ROWS = Number(asked) > 1 ? Number(asked) : 100;
const MAX_LENGTH = 300;
/** What a trainer drops, or ends at. */
const DROPPED = ["nothing_learnt", "trainer_refuses", "template_refuses"];
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
    const isDropped = faults.some(({ rule }) => DROPPED.includes(rule));
    labels.push(
      isDropped ? null : sequences.map(({ sequence }) => [
        keptIds(sequence),
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

/** Rows of a dataset, as a trainer reads them. */
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
  const reasoning = "auto" as const;
  for (const variant of ["think", "nothink"] as const) {
    const out = join(folder, variant);
    await buildSft({ in: records, out, variant, reasoning, tokenizer: [`t=${tokenizer}`] }, quiet);
    add(`${variant}, prompt and completion`, fileOf(out, "prompt_completion"));
    add(`${variant}, messages`, fileOf(out));
  }
  const out = join(folder, "dpo");
  await buildDpo({ in: scored, out, tokenizer, format: "chat-think", reasoning }, quiet);
  add("pairs", fileOf(out), true);
  return tasks;
}

/** Trainers, the environment of each, its program, and which of the tasks it can do. */
const REAL = [
  [trl, undefined, "trl_labels.py", () => true],
  [verl, "verl", "verl_labels.py", ({ what }: Task) => what.endsWith("messages")],
  [axolotl, "axolotl", "axolotl_labels.py", ({ what }: Task) => what.endsWith("messages")],
] as const;

for (const [trainer, environment, program, canDo] of REAL) {
  Deno.test({
    ...unless(
      skipped,
      `what ${trainer.name} learns of rows in five templates is what was foretold`,
    ),
    fn: inFolder(async (folder) => {
      const templates = await trainPython();
      const python = await trainPython(environment);
      const all: Task[] = [];
      for (const family of Object.keys(TEMPLATE_FAMILIES) as TemplateFamily[]) {
        const own = join(folder, family);
        await Deno.mkdir(own);
        all.push(...await tasksOf(family, own, templates));
      }
      const tasks = all.filter(canDo);
      const theirs = await runProgram<Labels[]>(python, new URL(program, import.meta.url).href, {
        now: "2024-07-26T12:00:00",
        max_length: MAX_LENGTH,
        tasks,
      });
      const differ: string[] = [];
      let learnt = 0;
      for (const [index, { what, tokenizer, file, assistant_only_loss }] of tasks.entries()) {
        const settings = { assistantOnlyLoss: assistant_only_loss };
        const ours = await oursOf(trainer, tokenizer, file, settings);
        assert.equal(ours.length, theirs[index]!.length, what);
        learnt += ours.filter((row) => row !== null).length;
        const wrong = ours.keys().filter((row) =>
          JSON.stringify(ours[row]) !== JSON.stringify(theirs[index]![row])
        ).toArray();
        if (wrong.length > 0) {
          differ.push(`${what}: ${wrong.length} of ${ours.length}, the first ${wrong[0]}`);
        }
      }
      console.log(`${trainer.name}: ${learnt} rows learnt, of ${tasks.length} datasets`);
      assert.deepEqual(differ, []);
    }),
  });
}
