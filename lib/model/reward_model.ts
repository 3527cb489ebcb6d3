/** The port through which answers are scored. What it takes cannot hold a thought. */
import type { Answer, Message } from "../core/records.ts";

/** A prompt with one answer to be judged: the answer alone, by its type. */
export interface ScoringItem {
  prompt: readonly Message[];
  answer: Answer;
}

/** A score, and whether the text had to be cut to the model's length. */
export interface Score {
  /** The model's raw logit: no sigmoid, no softmax. */
  score: number;
  truncated: boolean;
}

/** A reward model. Throws `ModelError`. */
export interface RewardModel {
  readonly name: string;
  readonly concurrency: number;
  /** One score an item, in order; items of many prompts may be batched together inside. */
  score(
    items: readonly ScoringItem[],
    options: { maxLength: number; signal?: AbortSignal },
  ): Promise<
    Score[]
  >;
  close(): Promise<void>;
}
