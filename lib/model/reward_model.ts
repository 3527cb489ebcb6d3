/** The port through which answers are scored. What it takes cannot hold a thought. */
import type { Answer, Extra, Message } from "../core/records.ts";
import type { PackageName } from "../core/version.ts";

/** A prompt with one answer to be judged: the answer alone, by its type. */
export interface ScoringItem {
  /** The prompt's id, as in its record. */
  id: string;
  /** The turns before the answer. */
  prompt: readonly Message[];
  /** The answer alone, without its thought. */
  answer: Answer;
  /** The columns that were kept of the prompt's row (`--keep`): what rules compare with. */
  extra?: Extra;
}

/** A score, and whether it is of the whole answer. */
export interface Score {
  /**
   * Higher is better, on any scale; of a neural model its raw logit: no sigmoid, no softmax. Null
   * where there is none to give (a judge that said nothing of use): `unread` then says why.
   */
  score: number | null;
  /** Why the answer could not be read: a rule's score is then 0. */
  unread?: string;
  /** What was found, in words: a judge's reason. */
  reason?: string;
  /** The answer had to be cut to the length that the model reads. */
  truncated: boolean;
}

/** What gives rewards: a neural model, here or on servers, a rule, a judge. Throws `ModelError`. */
export interface RewardModel {
  /**
   * What records call it, in `reward_model` and as the key of its scores in `scores`: short, and
   * unlike that of any other reward model of the run.
   */
  readonly name: string;
  /**
   * Tells this reward from another of the same name: a hash of what is loaded, what a server says
   * of itself, a version that its author raises. Without one, scores of an earlier run are not
   * taken to be of this model.
   */
  readonly version?: string;
  /** The folder that it was loaded from, whose content tells it from another. */
  readonly folder?: string;
  /** Prompts that are worth having in flight at once, where nobody said otherwise. */
  readonly concurrency: number;
  /**
   * False where a score does not depend on `maxLength` (a rule that reads the whole answer): runs of
   * another length are then the same run. Default true.
   */
  readonly readsByTokens?: boolean;
  /**
   * False where a score does not depend on what the prompt says (a rule that compares with a label):
   * `check-reward` then does not ask whether it is read. Default true.
   */
  readonly readsPrompt?: boolean;
  /** Packages whose versions belong into the manifest: those that compute the scores. */
  readonly packages?: readonly PackageName[];
  /**
   * One score an item, in order; items of many prompts may be batched together inside. Throws a
   * `ModelError` of kind `reject` where an item cannot be scored, which rejects its prompt.
   */
  score(
    items: readonly ScoringItem[],
    options: { maxLength: number; signal?: AbortSignal },
  ): Promise<Score[]>;
  /** The tokens that it reads of an item, where it can tell: `check-reward` looks at them. */
  tokensOf?(item: ScoringItem): Promise<readonly number[]>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}
