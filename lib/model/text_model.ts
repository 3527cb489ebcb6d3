/** The port through which a policy is sampled: raw text in, n continuations out. */
import type { FinishReason } from "../core/records.ts";

/** A rendered prompt and how to go on from it. */
export interface CompletionRequest {
  /** Names the prompt; a reply's random stream depends on (seed, id, index) alone. */
  id: string;
  /** The whole rendered text, its BOS (exactly one, where the tokenizer has one) included. */
  prompt: string;
  /** Continuations to draw. */
  n: number;
  /** Tokens of each at most. */
  maxTokens: number;
  /** 0 is greedy. */
  temperature: number;
  /** Nucleus. */
  topP: number;
  /** 0 for all tokens. */
  topK: number;
  /** Generation ends before these; they are not part of the text unless `includeStop`. */
  stop: string[];
  /** Keep the stop string that ended a reply as part of its text. */
  includeStop: boolean;
  /** The run's seed. */
  seed: number;
  /** Ends the request. */
  signal?: AbortSignal;
}

/** One continuation. */
export interface Completion {
  /** What follows the prompt, special tokens left out. */
  text: string;
  /** Why it ended. */
  finishReason: FinishReason;
  /** Tokens that the model wrote. */
  completionTokens: number;
}

/** A policy. Throws `ModelError`; a prompt that does not fit is `reject` / `context_overflow`. */
export interface TextModel {
  /** As records name it. */
  readonly name: string;
  /** Tells this model from another of its name: what a server says of itself, an author's version. */
  readonly version?: string;
  /** The folder that it was loaded from, whose content tells it from another. */
  readonly folder?: string;
  /** Requests that are worth having in flight at once, where nobody said otherwise. */
  readonly concurrency: number;
  /** The n continuations in order of their index. */
  complete(request: CompletionRequest): Promise<Completion[]>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}
