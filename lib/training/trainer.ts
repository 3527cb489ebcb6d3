/** A trainer, as far as it decides what is learnt of a row. */
import type { z } from "zod";
import type { ChatTemplate } from "../reply/chat_template.ts";
import type { Fault } from "./rules.ts";
import type { Encoded, Sequence } from "./sequence.ts";
import type { TrainingRow } from "./training_row.ts";

/** What trainers know of a tokenizer. */
export interface TrainingTokenizer {
  template: ChatTemplate;
  /** The template of which `{% generation %}` leaves its marks in the text; null without any. */
  marked: ChatTemplate | null;
  bos: number | null;
  eos: number | null;
  /** Whether the tokenizer puts a BOS before texts of its own accord. */
  addsBos: boolean;
  /** Special tokens (those that are no text) by id. */
  special: ReadonlySet<number>;
  /** Ids that end generation. */
  ends: ReadonlySet<number>;
  /** The ids of a text, without what the tokenizer adds. */
  ids(text: string): Promise<number[]>;
}

/** How a trainer is set. */
export interface TrainerSettings {
  /** Tokens a sequence at most; null for no limit. */
  maxLength: number | null;
  /** TRL's `assistant_only_loss`. */
  assistantOnlyLoss: boolean;
  /** The trainer's own settings, by name. */
  set: Readonly<Record<string, string>>;
}

/** A text to be encoded; `special` as `add_special_tokens`. */
export interface TextToEncode {
  text: string;
  special: boolean;
  /** Whether the mask is made from the tokenizer's own offsets, which then must be exact. */
  exact?: boolean;
}

/** A sequence that is trained on, and of a pair, which side it is. */
export interface TrainedSequence {
  side: "" | "chosen" | "rejected";
  sequence: Sequence;
}

/** What became of a row, before questions are asked of it. */
export interface TrainedRow {
  sequences: TrainedSequence[];
  faults: Fault[];
}

/** A row that was rendered and waits for its texts' tokens. */
export interface RenderedRow {
  texts: TextToEncode[];
  assemble(encoded: readonly Encoded[]): TrainedRow;
}

/** Renders rows as one trainer does, for one tokenizer. Throws `InputError` where that refuses. */
export type RenderRow = (row: TrainingRow) => RenderedRow;

export interface Trainer {
  /** As `--trainer` has it. */
  readonly name: string;
  /** The version whose source this follows. */
  readonly version: string;
  /**
   * Tokens a sequence where the user's configuration says nothing, by that source; null where that
   * is the model's own limit.
   */
  readonly maxLength: number | null;
  /** The configuration of an SFT dataset that it should read. */
  readonly sftConfig: "prompt_completion" | "default";
  /** The settings of its own that are followed. */
  readonly settings: z.ZodObject;
  open(
    tokenizer: TrainingTokenizer,
    settings: TrainerSettings,
  ): OpenedTrainer | Promise<OpenedTrainer>;
}

/** A trainer that is set and has its tokenizer. */
export interface OpenedTrainer {
  render: RenderRow;
  reading: Reading;
  /** Its own chat template, by name, where it does not render with the tokenizer's. */
  template: string | null;
}

/** Where a trainer takes thoughts from. */
export interface Reading {
  /** The keys of a message that it renders. */
  keys: ReadonlySet<string>;
  /** Whether tags in the content are learnt as text, for there is another way to think. */
  tagsAreText: boolean;
}

/** Texts, and the sequence that their tokens come to. */
export interface OwnTexts {
  texts: TextToEncode[];
  assemble(encoded: readonly Encoded[]): Sequence;
}

/** A row of one sequence, or of a pair's two, each of texts of its own. */
export function sequencesOf(...sides: OwnTexts[]): RenderedRow {
  const names = sides.length === 1 ? [""] as const : ["chosen", "rejected"] as const;
  return {
    texts: sides.flatMap(({ texts }) => texts),
    assemble: (encoded) => {
      let at = 0;
      const sequences = sides.map(({ texts, assemble }, index) => (
        { side: names[index]!, sequence: assemble(encoded.slice(at, at += texts.length)) }
      ));
      return { sequences, faults: [] };
    },
  };
}

/** A row of one sequence. */
export function oneSequence(texts: TextToEncode[], assemble: OwnTexts["assemble"]): RenderedRow {
  return sequencesOf({ texts, assemble });
}

/** A row's faults that stand before any token: it cannot be trained on. */
export function refused(
  rule: "template_refuses" | "trainer_refuses" | "not_followed",
  detail: string,
): RenderedRow {
  return { texts: [], assemble: () => ({ sequences: [], faults: [{ rule, detail }] }) };
}
