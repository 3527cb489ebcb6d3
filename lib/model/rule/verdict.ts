/** What a rule says of an answer. */

/** A rule's judgement of one answer. */
export interface Verdict {
  /** 1 where the answer is right, 0 where it is wrong or could not be read. */
  score: 0 | 1;
  /** Why the answer could not be read, where it could not: it counts as wrong, and is counted. */
  unread?: string;
}

/** A rule: pure, and right or wrong about one answer. `label` is what the prompt's row holds. */
export type Rule = (answer: string, label: unknown) => Verdict;

/** Right or wrong. */
export function verdict(right: boolean): Verdict {
  return { score: right ? 1 : 0 };
}

/** Wrong, for nothing could be read. */
export function unread(why: string): Verdict {
  return { score: 0, unread: why };
}
