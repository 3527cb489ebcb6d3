/** What runs of stage 3a have in common, whatever reaches the policy. */
import type { StageContext } from "../core/context.ts";
import { type Format, PolicyRecord } from "../core/records.ts";
import { localRunOf } from "../model/providers/local_options.ts";
import { promptRun } from "../run/record_run.ts";
import { POLICY_REJECTS, type PolicySettings, tallyReplies } from "./policy_options.ts";

/** The part of a run that its options and the input alone tell. */
export async function commonRun(
  options: PolicySettings & { format: Format },
  context: StageContext,
) {
  const { keep, format, n, temperature, topP, maxTokens, seed } = options;
  return {
    ...await promptRun(options, context),
    stage: "sample-policy",
    options,
    affects: {
      ...{ format, n, temperature, topP, maxTokens, seed },
      ...(keep.length > 0 ? { keep } : {}),
      ...localRunOf([options.model], options),
    },
    tokensOf: ({ responses }: PolicyRecord) =>
      responses.reduce((sum, each) => sum + each.completion_tokens, 0),
    record: PolicyRecord,
    reasons: POLICY_REJECTS,
    tally: tallyReplies,
    seed,
  };
}
