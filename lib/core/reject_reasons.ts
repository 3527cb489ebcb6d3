/** Why prompts are given up or left out: the reasons of all stages, and what each one says. */

/** Each stage has its own closed list of these; docs/formats.md shows them. */
export const REJECT_REASONS = {
  bad_row: "the row is no prompt, or no record; the detail names its place and the rule",
  id_conflict: "the row's id stands in an earlier row with other content",
  excluded_id: "the prompt's id stands in the file of `--exclude-ids`",
  excluded_by_hand: "left out by a decision in the file of `--decisions`",
  no_scored_reply: "no reply is well-formed and scored",
  below_min_score: "no answer has the score that `--min-score` asks for",
  unusable_decision: "the pair that was decided by hand names a reply that cannot be in one",
  same_model: "all replies that could be paired are of one model, or of different ones",
  invalid_unicode: "half a surrogate pair in a text, which has no UTF-8 form",
  empty_prompt: "the last user turn has no visible character, or there is none",
  language: "not in the language that `--language` asks for; the detail names the one found",
  malformed: "of another form than asked for, at every attempt; the detail holds the raw text",
  length: "cut by the token limit, with more room too",
  content_filter: "withheld by the provider's safety filter",
  prompt_blocked: "the provider took no reply from the model at all for this prompt",
  recitation: "withheld as a recitation of training data",
  thought_away: "the model thought until the token limit, with more room too",
  empty: "complete, but without any text",
  context_overflow: "longer than the model's context",
  tools_not_taken: "the prompt has tools or calls of them, which this stage cannot pass on here",
  template_error: "the chat template fails for these messages",
  bad_request: "the provider calls the request wrong",
  not_recorded: "a replayed recording has no reply to this prompt",
  not_finite: "the model gave a number that is not finite",
  model_error: "the model refuses this item for a reason of its own; the detail names it",
  other: "a reason that is not on the stage's list; the detail names it",
  not_finished: "the reply was cut by the token limit, or withheld",
  no_thought: "a think variant is wanted, and the record has no thought",
  empty_part: "the thought or the answer is empty",
  unexpected_tag: "the thought or the answer holds a tag of the reply format",
  flagged: "the simulated thought was flagged, and `--drop-flagged` leaves such replies out",
  template_drops_thought: "the chat template does not keep the thought",
  template_doubles_thought: "the chat template repeats the thought",
  prompt_not_prefix: "by the chat template, the prompt's tokens do not begin those of the whole",
  not_single_turn: "`--compat rlmt` takes prompts of one user turn alone",
  too_few_responses: "fewer scored, well-formed replies than `--min-responses`",
  tie: "all replies have the same score",
  same_text: "the two sides would be the same text",
  margin_too_small: "the scores differ by less than `--min-margin`",
  length_ratio: "one side is more than `--max-length-ratio` times as long as the other",
  not_across_threshold: "no reply on one side of `--threshold`",
  too_long: "a side with its prompt has more than `--max-length` tokens",
  no_ground_truth: "the row has nothing in the column that `--ground-truth-key` names",
  no_label: "the row has nothing in the column that `--label-key` names",
  exact_duplicate: "an earlier prompt has equal messages",
  near_duplicate: "an earlier prompt is nearly the same; the detail names it",
  contaminated: "the prompt shares a passage with an evaluation set; the detail holds it",
} as const;

/**
 * One of {@link REJECT_REASONS}.
 *
 * @internal
 */
export type RejectReason = keyof typeof REJECT_REASONS;

/** Reasons that lie in the prompt: nobody was asked. */
const OF_PROMPT: ReadonlySet<string> = new Set<RejectReason>([
  "bad_row",
  "id_conflict",
  "invalid_unicode",
  "empty_prompt",
  "language",
]);

/** Whether a prompt is rejected for this reason before any model is asked. */
export function isOfPrompt(reason: string): boolean {
  return OF_PROMPT.has(reason);
}
