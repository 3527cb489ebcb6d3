/**
 * axolotl 0.19: `ChatTemplateStrategy` (axolotl/prompt_strategies/chat_template.py) with its
 * defaults: a dataset of `type: chat_template`, `roles_to_train: [assistant]`,
 * `train_on_eos: turn`. Rows over `sequence_len` are dropped.
 */
import type { ChatMessage } from "../../reply/turn_parts.ts";
import { commonPrefix, sequenceOf } from "../sequence.ts";
import { countWhile, firstAt } from "../token_places.ts";
import {
  oneSequence,
  refused,
  type RenderedRow,
  type Trainer,
  type TrainingTokenizer,
} from "../trainer.ts";
import { type TrainingRow, turnsOf } from "../training_row.ts";
import { NO_SETTINGS, ofTransformers, withoutNulls } from "../transformers_chat.ts";

export const axolotl: Trainer = {
  name: "axolotl",
  version: "0.19",
  maxLength: 512,
  sftConfig: "default",
  settings: NO_SETTINGS,
  open: (tokenizer, { maxLength }) =>
    ofTransformers((row) => {
      const turns = turnsOf(row);
      return turns === null
        ? refused("trainer_refuses", "a dataset of type chat_template has rows of messages alone")
        : renderRow(row, turns, tokenizer, maxLength ?? Infinity);
    }, tokenizer),
};

/** What takes a turn's place to find it: texts whose ends no template shares with both. */
const SENTINELS = ["[[dummy_message]]", "zzdummymessagezz"];

/** How far after a turn its end may stand, in tokens. */
const END_WITHIN = 3;

function renderRow(
  { tools }: TrainingRow,
  given: readonly ChatMessage[],
  { template, eos }: TrainingTokenizer,
  maxLength: number,
): RenderedRow {
  const turns = withoutNulls(given);
  const variables = tools === null || tools.length === 0 ? {} : { tools };
  const render = (messages: readonly ChatMessage[]) =>
    template.render(messages, { addGenerationPrompt: false, variables });
  const text = render(turns);
  const spans = turns.flatMap((turn, index) => {
    if (turn.role !== "assistant") return [];
    const found = SENTINELS.map((content) =>
      difference(text, render(turns.with(index, { role: turn.role, content })))
    );
    const from = Math.min(...found.map(([start]) => start));
    const to = Math.max(...found.map(([, end]) => end));
    return to > from ? [[from, to] as const] : [];
  });
  return oneSequence([{ text, special: false, exact: true }], ([encoded]) => {
    const { ids, starts, ends } = encoded!;
    const learnt = new Array<boolean>(ids.length).fill(false);
    for (const [from, to] of spans) {
      const first = countWhile(ends, (end) => end <= from), after = firstAt(starts, to);
      if (first >= after || first >= ids.length) continue;
      learnt.fill(true, first, after);
      const end = eos === null ? -1 : ids.indexOf(eos, after);
      if (end >= 0 && end - after <= END_WITHIN) learnt[end] = true;
    }
    return sequenceOf(text, encoded!, learnt, ids.length > maxLength ? 0 : maxLength);
  });
}

/** Where a text differs from another: after what both begin with, before what both end with. */
function difference(text: string, other: string): readonly [number, number] {
  const limit = Math.min(text.length, other.length);
  const start = commonPrefix(text, other);
  let suffix = 0;
  while (suffix < limit - start && text.at(-1 - suffix) === other.at(-1 - suffix)) suffix++;
  return [start, text.length - suffix];
}
