/**
 * TRL 1.16: `SFTTrainer._prepare_dataset`, `DPOTrainer._prepare_dataset` and its collator
 * (trl/trainer/sft_trainer.py, dpo_trainer.py, data_utils.py).
 */
import { InputError } from "../../core/errors.ts";
import type { ChatMessage } from "../../reply/turn_parts.ts";
import { generationSpans } from "../generation_marks.ts";
import type { Fault } from "../rules.ts";
import { commonPrefix, type Encoded, sequenceFrom, sequenceOf } from "../sequence.ts";
import {
  oneSequence,
  refused,
  type RenderedRow,
  type TextToEncode,
  type TrainedSequence,
  type Trainer,
  type TrainerSettings,
  type TrainingTokenizer,
} from "../trainer.ts";
import type { Side, TrainingRow } from "../training_row.ts";
import { NO_SETTINGS, ofTransformers, withReasoningCopied } from "../transformers_chat.ts";

export const trl: Trainer = {
  name: "trl",
  version: "1.16",
  maxLength: 1024,
  sftConfig: "prompt_completion",
  settings: NO_SETTINGS,
  open: (tokenizer, given) => {
    const settings = { ...given, maxLength: given.maxLength ?? Infinity };
    const render = (row: TrainingRow) => {
      switch (row.kind) {
        case "messages":
          return languageModelling(row, tokenizer, settings);
        case "text":
          return wholeText(withEos(row.text, tokenizer), true, settings.maxLength);
        case "completion":
          return afterPrompt(row, [["", row.completion]], tokenizer, settings);
        case "pair":
          return afterPrompt(
            row,
            [["chosen", row.chosen], ["rejected", row.rejected]],
            tokenizer,
            settings,
          );
      }
    };
    return ofTransformers(render, tokenizer);
  },
};

type Settings = TrainerSettings & { maxLength: number };

/** Turns without a prompt of their own: every token is learnt, or those of assistant turns. */
function languageModelling(
  row: TrainingRow & { kind: "messages" },
  tokenizer: TrainingTokenizer,
  { maxLength, assistantOnlyLoss }: Settings,
): RenderedRow {
  if (!assistantOnlyLoss) {
    const text = render(row.messages, row, tokenizer.template, false);
    return wholeText(text, false, maxLength);
  }
  if (tokenizer.marked === null) {
    return refused(
      "trainer_refuses",
      "assistant_only_loss with a template without {% generation %}: TRL takes a template of its " +
        "own where it knows the model's, and refuses the others",
    );
  }
  const { text, spans } = generationSpans(render(row.messages, row, tokenizer.marked, false));
  return oneSequence([{ text, special: false, exact: true }], ([encoded]) => {
    const { ids, starts, ends } = encoded!;
    const learnt = new Array<boolean>(ids.length).fill(false);
    const tokenAt = (place: number) =>
      starts.findIndex((start, index) => start <= place && place < ends[index]!);
    for (const [from, to] of spans) {
      const first = tokenAt(from), last = tokenAt(to - 1);
      if (first < 0) break;
      // As transformers has it, where an end that is not found, or is 0, is that of the text.
      learnt.fill(true, first, last > 0 ? last + 1 : ids.length);
    }
    return sequenceOf(text, encoded!, learnt, maxLength);
  });
}

/** A text of which every token is learnt. */
function wholeText(text: string, special: boolean, maxLength: number): RenderedRow {
  const sequenceOfText = ([encoded]: readonly Encoded[]) =>
    sequenceFrom(text, encoded!, 0, maxLength);
  return oneSequence([{ text, special }], sequenceOfText);
}

/** A prompt and what is learnt after it: one completion, or the two sides of a pair. */
function afterPrompt(
  row: TrainingRow & { kind: "completion" | "pair" },
  sides: ["" | "chosen" | "rejected", Side][],
  tokenizer: TrainingTokenizer,
  { maxLength }: Settings,
): RenderedRow {
  const { prompt } = row;
  const isText = typeof prompt === "string";
  const whole = (side: Side): string => {
    if (typeof side === "string" && isText) return prompt + withEos(side, tokenizer);
    if (typeof side === "string" || isText) {
      throw new InputError("prompt and completion must both be text, or both be turns");
    }
    return render([...prompt, ...side], row, tokenizer.template, false);
  };
  const begin = isText ? prompt : render(prompt, row, tokenizer.template, true);
  const wholes = sides.map(([, side]) => whole(side));
  const texts: TextToEncode[] = [begin, ...wholes].map((text) => ({ text, special: isText }));
  return {
    texts,
    assemble: ([alone, ...encoded]) => {
      const shared = encoded.map(({ ids }) => commonPrefix(alone!.ids, ids));
      const length = Math.min(...shared);
      const faults: Fault[] = [];
      if (length < alone!.ids.length) {
        const rest = begin.slice(encoded[shared.indexOf(length)]!.ends[length - 1] ?? 0);
        const detail = `${alone!.ids.length - length} tokens of the prompt are not in the whole: ` +
          JSON.stringify(rest.slice(0, 40));
        faults.push({ rule: "prompt_not_prefix", detail });
      }
      const sequences = encoded.map((each, index): TrainedSequence => ({
        side: sides[index]![0],
        sequence: sequenceFrom(wholes[index]!, each, length, maxLength),
      }));
      return { sequences, faults };
    },
  };
}

function withEos(text: string, { template: { eosToken } }: TrainingTokenizer): string {
  return eosToken === null || text.endsWith(eosToken) ? text : text + eosToken;
}

function render(
  turns: readonly ChatMessage[],
  { tools, templateVariables }: TrainingRow,
  template: TrainingTokenizer["template"],
  addGenerationPrompt: boolean,
): string {
  const variables = { tools, ...templateVariables };
  return template.render(withReasoningCopied(turns), { addGenerationPrompt, variables });
}
