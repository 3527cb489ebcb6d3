/** Takes rows through one trainer, and asks the questions of each. */
import { InputError, messageOf } from "../core/errors.ts";
import type { ChatMessage } from "../reply/turn_parts.ts";
import type { OpenedTokenizer } from "./open_tokenizer.ts";
import { pairFaults } from "./pair_questions.ts";
import { type Answers, questionsOf } from "./questions.ts";
import type { Fault } from "./rules.ts";
import {
  type OpenedTrainer,
  type Reading,
  refused,
  type RenderedRow,
  type RenderRow,
  type TrainedRow,
} from "./trainer.ts";
import { type Side, type TrainingRow, turnsOf } from "./training_row.ts";

/** A row, what the trainer made of it and what was found. */
export interface CheckedRow {
  row: TrainingRow;
  trained: TrainedRow;
  /** Of each sequence, in order. */
  answers: Answers[];
  faults: Fault[];
}

/** Rows that are rendered and encoded together. */
const AT_ONCE = 128;

/** Checks rows in their order; one lot is encoded while the next is rendered. */
export async function* checkRows(
  rows: AsyncIterable<TrainingRow> | Iterable<TrainingRow>,
  trainer: OpenedTrainer,
  tokenizer: OpenedTokenizer,
): AsyncGenerator<CheckedRow> {
  let waiting: Promise<CheckedRow[]> | undefined;
  let lot: TrainingRow[] = [];
  for await (const row of rows) {
    lot.push(row);
    if (lot.length < AT_ONCE) continue;
    const begun = check(lot, trainer, tokenizer);
    if (waiting !== undefined) yield* await waiting;
    waiting = begun;
    lot = [];
  }
  if (waiting !== undefined) yield* await waiting;
  yield* await check(lot, trainer, tokenizer);
}

async function check(
  rows: readonly TrainingRow[],
  { render, reading }: OpenedTrainer,
  tokenizer: OpenedTokenizer,
): Promise<CheckedRow[]> {
  const rendered = rows.map((row) => renderedOr(row, render));
  const encoded = await tokenizer.encode(rendered.flatMap(({ texts }) => texts));
  let at = 0;
  return rendered.map(({ texts, assemble }, index) => {
    const own = encoded.slice(at, at += texts.length);
    return asked(rows[index]!, assemble(own), tokenizer, reading);
  });
}

function renderedOr(row: TrainingRow, render: RenderRow): RenderedRow {
  try {
    return render(row);
  } catch (error) {
    if (error instanceof InputError) return refused("template_refuses", messageOf(error));
    throw error;
  }
}

function asked(
  row: TrainingRow,
  trained: TrainedRow,
  tokenizer: OpenedTokenizer,
  reading: Reading,
): CheckedRow {
  const { sequences } = trained;
  const answers = sequences.map(({ side, sequence }) => {
    const { turns, from } = learntTurns(row, side);
    return questionsOf(sequence, turns, from, tokenizer, reading);
  });
  const faults = [...trained.faults];
  for (const [index, { side }] of sequences.entries()) {
    for (const { rule, detail } of answers[index]!.faults) {
      faults.push({ rule, detail: side === "" ? detail : `${side}: ${detail}` });
    }
  }
  const [chosen, rejected] = sequences;
  if (row.kind === "pair" && chosen !== undefined && rejected !== undefined) {
    faults.push(...pairFaults(chosen.sequence, rejected.sequence));
  }
  return { row, trained, answers, faults };
}

/** The turns of a sequence, and the first that is to be learnt. */
function learntTurns(
  row: TrainingRow,
  side: "" | "chosen" | "rejected",
): { turns: ChatMessage[]; from: number } {
  const asTurns = (text: Side, role: string): ChatMessage[] =>
    typeof text === "string" ? [{ role, content: text }] : text;
  switch (row.kind) {
    case "messages":
      return { turns: turnsOf(row)!, from: 0 };
    case "text":
      return { turns: asTurns(row.text, "assistant"), from: 0 };
    case "completion":
    case "pair": {
      const prompt = asTurns(row.prompt, "user");
      const learnt = row.kind === "completion"
        ? row.completion
        : side === "chosen"
        ? row.chosen
        : row.rejected;
      return { turns: [...prompt, ...asTurns(learnt, "assistant")], from: prompt.length };
    }
  }
}
