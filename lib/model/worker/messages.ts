/** What a scoring worker and its owner tell each other. Types only. */

/** An item as a worker gets it: plain data. */
export interface WorkerItem {
  id: string;
  prompt: { role: string; content: string }[];
  answer: string;
  /** The kept columns of the prompt's row. */
  extra?: Record<string, unknown>;
  /** What a rule compares with. */
  label?: unknown;
}

/** What is asked of a worker at once: the answers to one prompt. */
export interface WorkerRequest {
  items: WorkerItem[];
  /** Tokens of prompt and answer that are read at most, where a reward goes by tokens. */
  maxLength: number;
}

/** A worker's word on one item. */
export interface WorkerScore {
  /** Null where there is none to give. */
  score: number | null;
  /** Why the answer could not be read. */
  unread?: string;
  /** What was found, in words. */
  reason?: string;
}

/** What a worker says: once that it is ready, then one line an item, in order. */
export type FromWorker =
  | { ready: { name?: string; version?: string } }
  /** It cannot be used at all. */
  | { unusable: string }
  | { scored: WorkerScore }
  /** This item made it fail. */
  | { failed: string };
