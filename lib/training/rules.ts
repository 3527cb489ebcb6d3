/** What can be wrong with what a trainer learns of a row. */

/** Every rule, by the name that `--allow` takes. */
const rules = {
  template_refuses: "the chat template does not render the row",
  trainer_refuses: "the trainer ends with an error at this row",
  not_followed: "the trainer drops the row, or makes of it what is not known here",
  thought_not_learnt: "the row's thought is not in the loss",
  thought_twice: "the row's thought is in the loss more than once",
  thought_altered: "the thought is in the loss with other white space or other words",
  thought_cut: "the trainer's length limit cuts the thought",
  wrong_key: "the thought stands where this template does not look for it",
  literal_tag: "the thought's tags are learnt as text, by a template that has another way to think",
  empty_thought: "a row without a thought teaches an empty one",
  closes_thought: "a row without a thought teaches to close one that the prompt has opened",
  inside_thought: "a row without a thought is learnt inside one that the prompt has opened",
  answer_not_learnt: "the answer is not in the loss, or not as it stands in the row",
  answer_cut: "the trainer's length limit cuts the answer",
  prompt_cut: "the trainer's length limit cuts the prompt, and what follows is learnt all the same",
  nothing_learnt: "no token of the row is in the loss: trainers drop it without a word",
  end_missing: "no token ends the turn: the model does not learn to stop",
  end_not_learnt: "the token that ends the turn is not in the loss",
  end_not_eos: "the turn is ended by a token that is not the tokenizer's EOS",
  end_twice: "the turn is ended twice",
  no_bos: "the sequence has no BOS, which this tokenizer adds elsewhere",
  two_bos: "the sequence has more than one BOS",
  prompt_learnt: "tokens of the prompt are in the loss",
  prompt_not_prefix: "the prompt's tokens do not begin those of the whole",
  sides_equal: "chosen and rejected are the same tokens",
  sides_equal_cut: "chosen and rejected are the same tokens after the trainer's cut",
  sides_differ_in_form: "chosen and rejected differ in tags and white space alone",
} as const;

export type Rule = keyof typeof rules;
/** What each rule says. */
export const RULES: Readonly<Record<Rule, string>> = rules;
export const RULE_NAMES = Object.keys(rules) as [Rule, ...Rule[]];

/** A rule that a row breaks, and what is to be known of it. */
export interface Fault {
  rule: Rule;
  detail: string;
}
