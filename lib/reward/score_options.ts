/** The options of stage 3b. */
import { formsOf } from "../model/providers/providers.ts";
import { z } from "zod";
import { Format, type ScoredRecord } from "../core/records.ts";
import { inputOptions, inputPaths } from "../io/inputs/input_options.ts";
import type { RejectReason } from "../core/reject_reasons.ts";
import { labelOptions } from "../evaluate/evaluate_options.ts";
import { localOptions } from "../model/providers/local_options.ts";
import { judgeOptions } from "./judge_options.ts";
import { runOptions, seedOption } from "../run/run_options.ts";
import type { Tally } from "../run/stage_run.ts";

/** Options of `scoreResponses`, and of `deno task score-responses`. */
export const ScoreResponsesOptions = z.object({
  in: inputPaths("replies: a sample-policy run, or files of its records"),
  rewardModel: z.union([z.string(), z.array(z.string()).min(1)]).describe(
    `${formsOf("reward")}; of several, the first one's score ` +
      "is each reply's own and all are kept by name",
  ),
  rewardTokenizer: z.array(z.string()).default([]).meta({ metavar: "DIR" }).describe(
    "folder (or hf/OWNER/NAME) with the tokenizer and chat template of a served reward model; one for all of them " +
      "or one each; vLLM's own template where not given",
  ),
  maxLength: z.number().int().positive().default(4096).describe(
    "tokens of prompt and answer together; a longer answer is cut at its end and counted",
  ),
  baseUrl: z.array(z.string()).default([]).describe(
    "server of the reward models; each model is found by its name",
  ),
  ...localOptions,
  labelKey: z.string().min(1).optional().meta({ metavar: "COLUMN" }).describe(
    "of rule/NAME, the column that answers are held against: of the records' rows, or one that " +
      "was kept; it is kept on",
  ),
  moduleAllow: z.array(z.string()).default([]).meta({ metavar: "PERMISSION" }).describe(
    "what module/FILE.ts may do beside reading its own folder: read=DIR, net=HOST, env=NAME, …",
  ),
  weight: z.array(z.string()).default([]).meta({ metavar: "NAME=X" }).describe(
    "of several reward models: each reply's own score is the mean of these by their weights",
  ),
  gate: z.array(z.string()).default([]).meta({ metavar: "NAME>=X" }).describe(
    "of several reward models: a reply below X by this one (1 where not given) gets --gated-score",
  ),
  gatedScore: z.number().optional().describe(
    "score of replies that a --gate holds back: below all others",
  ),
  ...judgeOptions,
  floor: z.number().min(0).max(1).optional().describe(
    "first hold the reward (of several the judge) against labels: end with status 1 where it " +
      "ranks less than this share of pairs right, before the rest is scored",
  ),
  trial: z.number().int().min(2).default(50).describe(
    "for --floor: prompts with a right and a wrong answer to try it on",
  ),
  labels: labelOptions.labels.describe(
    "for --floor: right answers, rows with an id and the column --label-key (expected where not " +
      "given); the records' kept column where not given",
  ),
  rule: labelOptions.rule.describe("for --floor: how an answer is held against its label"),
  checkParity: z.number().int().min(0).default(0).describe(
    "first score N answers alone and in one batch, and tell of differences",
  ),
  format: Format.optional().describe("for replies that do not say it (the public scripts' files)"),
  ...inputOptions,
  ...seedOption,
  ...runOptions,
});
/** @internal */
export type ScoreResponsesOptions = z.input<typeof ScoreResponsesOptions>;

/** The count of answers that a rule or a judge could not read. */
const UNREAD = "unread_answers";

/** Why `scoreResponses` gives up a prompt. */
export const SCORE_REJECTS = [
  "bad_row",
  "id_conflict",
  "no_label",
  "context_overflow",
  "not_finite",
  "template_error",
  "invalid_unicode",
  "model_error",
  "other",
] as const satisfies readonly RejectReason[];

/** Counts replies scored, left out as malformed, and cut to the reward model's length. */
export function tallyScores(record: ScoredRecord, { extra }: Tally): void {
  for (const { answer, score, truncated, unread } of record.responses) {
    if (score === null && answer !== null) {
      extra.unscored_answers = (extra.unscored_answers ?? 0) + 1;
    }
    if (unread) extra[UNREAD] = (extra[UNREAD] ?? 0) + 1;
    const name = score === null ? "unscored_replies" : "scored_replies";
    extra[name] = (extra[name] ?? 0) + 1;
    if (truncated) extra.truncated_answers = (extra.truncated_answers ?? 0) + 1;
  }
}
