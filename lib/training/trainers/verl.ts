/**
 * verl 0.9: `MultiTurnSFTDataset` (verl/utils/dataset/multiturn_sft_dataset.py). Every message is
 * rendered by itself; a row whose pieces are not the whole chat's tokens ends the training.
 */
import { InputError } from "../../core/errors.ts";
import type { ChatMessage } from "../../reply/turn_parts.ts";
import { type Encoded, joined, sliceOf } from "../sequence.ts";
import type { Fault } from "../rules.ts";
import { refused, type RenderedRow, type Trainer, type TrainingTokenizer } from "../trainer.ts";
import { type TrainingRow, turnsOf } from "../training_row.ts";
import { NO_SETTINGS, ofTransformers } from "../transformers_chat.ts";

export const verl: Trainer = {
  name: "verl",
  version: "0.9",
  maxLength: 1024,
  sftConfig: "default",
  settings: NO_SETTINGS,
  async open(tokenizer, { maxLength }) {
    const frame = await frameOf(tokenizer);
    const render = (row: TrainingRow) => {
      const turns = turnsOf(row);
      if (turns === null) return refused("trainer_refuses", "verl reads rows of messages alone");
      return renderRow(row, turns, frame, tokenizer, maxLength ?? Infinity);
    };
    return ofTransformers(render, tokenizer);
  },
};

/** How many tokens a template writes before the first turn, and before a reply. */
interface Frame {
  system: number;
  generation: number;
}

/** As `extract_system_prompt_and_generation`. */
async function frameOf({ template, ids }: TrainingTokenizer): Promise<Frame> {
  const user = { role: "user", content: "" };
  const count = async (messages: ChatMessage[], addGenerationPrompt: boolean) =>
    (await ids(template.render(messages, { addGenerationPrompt }))).length;
  const one = await count([user], false);
  const two = await count([user, user], false);
  return { system: one - (two - one), generation: await count([user], true) - one };
}

/** A message's text, and how much of it is of a user's turn that the template needed before it. */
interface Piece {
  text: string;
  prefix: string | null;
}

function renderRow(
  { tools, enableThinking }: TrainingRow,
  turns: readonly ChatMessage[],
  frame: Frame,
  { template }: TrainingTokenizer,
  maxLength: number,
): RenderedRow {
  const switches = enableThinking === null ? {} : { enable_thinking: enableThinking };
  const render = (messages: readonly ChatMessage[], withTools: boolean) =>
    template.render(messages, {
      addGenerationPrompt: false,
      variables: { ...switches, tools: withTools ? tools : null },
    });
  const whole = render(turns, true);
  const pieces = turns.map((turn, index): Piece => {
    try {
      return { text: render([turn], index === 0), prefix: null };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const user = { role: "user", content: [{ type: "text", text: "" }] };
      return { text: render([user, turn], index === 0), prefix: render([user], index === 0) };
    }
  });
  const texts = [
    whole,
    ...pieces.flatMap(({ text, prefix }) => prefix === null ? [text] : [text, prefix]),
  ];
  return {
    texts: texts.map((text) => ({ text, special: false })),
    assemble: ([all, ...encoded]) => {
      let at = 0;
      const parts = pieces.map(({ text, prefix }, index) => {
        const own = encoded[at++]!;
        const before = prefix === null ? 0 : encoded[at++]!.ids.length;
        const { role } = turns[index]!;
        const from = before + (index !== 0 && role !== "system" ? frame.system : 0);
        const start = own.starts[from] ?? text.length;
        return {
          text: text.slice(start),
          encoded: sliceOf(own, from, start),
          // The mask is made after the system prompt is taken away.
          isLearnt: (token: number) => role === "assistant" && token >= frame.generation,
        };
      });
      const sequence = joined(parts);
      const faults: Fault[] = [];
      if (!isSame(sequence.ids, all!)) {
        faults.push({
          rule: "trainer_refuses",
          detail: "its messages one by one are other tokens than the whole chat " +
            "(data.ignore_input_ids_mismatch=True trains on them all the same)",
        });
      } else if (sequence.ids.length > maxLength) {
        const detail = `${sequence.ids.length} tokens, over data.max_length=${maxLength} ` +
          "(data.truncation=error)";
        faults.push({ rule: "trainer_refuses", detail });
      }
      return { sequences: [{ side: "", sequence }], faults };
    },
  };
}

function isSame(ids: readonly number[], { ids: others }: Encoded): boolean {
  return ids.length === others.length && ids.every((id, index) => id === others[index]);
}
