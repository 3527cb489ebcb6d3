import assert from "node:assert/strict";
import { join } from "node:path";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { REASONING_PLACES, renderedReasoning } from "../../lib/reply/reasoning_keys.ts";
import { checkRows } from "../../lib/training/check_rows.ts";
import { isCut } from "../../lib/training/cuts.ts";
import { openTrainingTokenizer } from "../../lib/training/open_tokenizer.ts";
import type { Sequence } from "../../lib/training/sequence.ts";
import type { Trainer } from "../../lib/training/trainer.ts";
import { type TrainingRow, trainingRow } from "../../lib/training/training_row.ts";
import { InputError } from "../../lib/core/errors.ts";
import { axolotl } from "../../lib/training/trainers/axolotl.ts";
import { llamaFactory } from "../../lib/training/trainers/llama_factory.ts";
import { msSwift } from "../../lib/training/trainers/ms_swift.ts";
import { trl } from "../../lib/training/trainers/trl.ts";
import { verl } from "../../lib/training/trainers/verl.ts";
import { noTraining, runProgram, trainPython } from "../dataset/train_python.ts";
import { unless } from "../installed.ts";
import { documentsTable } from "./documents_table.ts";
import { TEMPLATE_FAMILIES } from "./template_folders.ts";
import { TrainerDatasets, type TrainerTask } from "./trainer_datasets.ts";

const asked = Deno.env.get("THINKSET_TRAINERS");
const skipped = asked ? noTraining : "THINKSET_TRAINERS not set (deno task test:trainers)";
const ROWS = Number(asked) > 1 ? Number(asked) : 100;
const MAX_LENGTH = 300;
/** What a trainer drops, or ends at. */
const DROPPED = ["nothing_learnt", "trainer_refuses", "template_refuses", "not_followed"];
/** Ids and labels of each row's sequences; null for a row that the trainer drops. */
type Labels = ([number[], number[]][] | null)[];

const tokenizers: Record<string, ReturnType<typeof openTrainingTokenizer>> = {};

/** The labels of a sequence as trainers have them: the id, or -100 where nothing is learnt. */
function labelsOf({ ids, learnt, labels }: Sequence): number[] {
  return ids.map((id, index) => labels?.get(index) ?? (learnt[index] ? id : -100));
}

/** What is left after the cut. */
function keptOf(sequence: Sequence, values: readonly number[]): number[] {
  return values.filter((_, index) => !isCut(sequence, index));
}

/** What is foretold; null where the trainer does not begin with such settings. */
async function oursOf(trainer: Trainer, task: TrainerTask): Promise<Labels | null> {
  const tokenizer = await (tokenizers[task.tokenizer] ??= openTrainingTokenizer(task.tokenizer));
  const settings = { maxLength: MAX_LENGTH, assistantOnlyLoss: false, set: task.set };
  const opened = await Promise.try(() => trainer.open(tokenizer, settings)).catch((error) => {
    if (error instanceof InputError) return null;
    throw error;
  });
  if (opened === null) return null;
  const labels: Labels = [];
  for await (
    const { trained: { sequences }, faults } of checkRows(rowsOf(task.file), opened, tokenizer)
  ) {
    const isDropped = faults.some(({ rule }) => DROPPED.includes(rule));
    labels.push(
      isDropped ? null : sequences.map((sequence) => [
        keptOf(sequence.sequence, sequence.sequence.ids),
        keptOf(sequence.sequence, labelsOf(sequence.sequence)),
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

const datasets = new TrainerDatasets(ROWS);
Deno.test.afterAll(() => datasets.remove());

Deno.test({
  ...unless(skipped, "what templates render of a thought is what docs/trainers.md says"),
  sanitizeResources: false,
  async fn() {
    const { folder } = await datasets.made();
    const rows: string[][] = [];
    for (const family of Object.keys(TEMPLATE_FAMILIES)) {
      const { template } = await openTrainingTokenizer(join(folder, family, "tokenizer"));
      const places = renderedReasoning(template);
      const cells = REASONING_PLACES.map((place) => (places.includes(place) ? "yes" : "no"));
      rows.push([`\`${family}.jinja\``, ...cells]);
    }
    const head = ["tags inline", ...REASONING_PLACES.slice(1).map((key) => `\`${key}\``)];
    documentsTable("keys", [["template", ...head], ...rows]);
  },
});

/** A trainer, its environment (prove's where none is named), its program, the rows that it reads and how it is set. */
interface Real {
  trainer: Trainer;
  environment?: string;
  program: string;
  reads: readonly TrainerTask["kind"][];
  sets?: (family: TrainerTask["family"]) => Record<string, string>[];
}

const LLAMA_FACTORY_NAMES = {
  llama3_1: "llama3",
  qwen2_5: "qwen",
  qwen3: "qwen3",
  qwen3_8: "qwen3_5",
  gptoss: "gpt_oss",
} as const;

const SWIFT_NAMES = {
  llama3_1: "llama3_2",
  qwen2_5: "qwen2_5",
  qwen3: "qwen3",
  qwen3_8: "qwen3_5",
  gptoss: "gpt_oss",
} as const;

const REAL: Real[] = [
  {
    trainer: trl,
    program: "trl_labels.py",
    reads: ["messages", "completion", "pairs"],
  },
  { trainer: verl, environment: "verl", program: "verl_labels.py", reads: ["messages"] },
  { trainer: axolotl, environment: "axolotl", program: "axolotl_labels.py", reads: ["messages"] },
  {
    trainer: llamaFactory,
    environment: "llama-factory",
    program: "llama_factory_labels.py",
    reads: ["messages", "pairs"],
    sets: (family): Record<string, string>[] => {
      if (family === "prompted") return [{}];
      const template = LLAMA_FACTORY_NAMES[family];
      return [
        {},
        { template },
        { template, enable_thinking: "false" },
        { template, mask_history: "true" },
        { template, mask_history: "true", preserve_thinking: "true" },
        { template, train_on_prompt: "true" },
      ];
    },
  },
  {
    trainer: msSwift,
    environment: "ms-swift",
    program: "ms_swift_labels.py",
    reads: ["messages", "pairs"],
    sets: (family): Record<string, string>[] => {
      // No template of its own is a prompted model's.
      if (family === "prompted") return [];
      const template = SWIFT_NAMES[family];
      return [
        { template },
        { template, add_non_thinking_prefix: "false" },
        { template, loss_scale: "last_round" },
        { template, loss_scale: "all", truncation_strategy: "right" },
        { template, truncation_strategy: "left", disable_ignore_empty_think: "true" },
      ];
    },
  },
];

for (const { trainer, environment, program, reads, sets } of REAL) {
  Deno.test({
    ...unless(
      skipped,
      `what ${trainer.name} learns of rows in five templates is what was foretold`,
    ),
    // The datasets are made by the first of these tests and used by all.
    sanitizeResources: false,
    async fn() {
      const { tasks: all } = await datasets.made();
      const python = await trainPython(environment);
      const tasks = all.filter(({ kind }) => reads.includes(kind)).flatMap((task) =>
        (sets?.(task.family) ?? [{}]).map((set) => ({ ...task, set }))
      );
      const theirs = await runProgram<(Labels | null)[]>(
        python,
        new URL(program, import.meta.url).href,
        { now: "2024-07-26T12:00:00", max_length: MAX_LENGTH, tasks },
      );
      const differ: string[] = [];
      let learnt = 0;
      for (const [index, task] of tasks.entries()) {
        const what = `${task.what} ${JSON.stringify(task.set)}`;
        const ours = await oursOf(trainer, task), their = theirs[index]!;
        if (ours === null || their === null) {
          if (ours !== their) differ.push(`${what}: refused by one of both alone`);
          continue;
        }
        assert.equal(ours.length, their.length, what);
        learnt += ours.filter((row) => row !== null).length;
        const wrong = ours.keys().filter((row) =>
          JSON.stringify(ours[row]) !== JSON.stringify(their[row])
        ).toArray();
        if (wrong.length > 0) {
          differ.push(`${what}: ${wrong.length} of ${ours.length}, the first ${wrong[0]}`);
        }
      }
      console.log(`${trainer.name}: ${learnt} rows learnt, of ${tasks.length} datasets`);
      assert.deepEqual(differ, []);
    },
  });
}
