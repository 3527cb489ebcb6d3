/** What runs of stage 3a have in common, whatever reaches the policy. */
import type { StageContext } from "../core/context.ts";
import { type Format, PolicyRecord } from "../core/records.ts";
import { hashInputs } from "../io/hash_inputs.ts";
import { readingOf } from "../io/input_options.ts";
import { promptContent, readPromptRows } from "../io/read_prompts.ts";
import { localRunOf } from "../model/sources/local_options.ts";
import { shardFrom } from "../run/shard.ts";
import { POLICY_REJECTS, type PolicySettings, tallyReplies } from "./policy_options.ts";

/** The part of a run that its options and the input alone tell. */
export async function commonRun(
  options: PolicySettings & { format: Format },
  context: StageContext,
) {
  const { out, prompts, promptKey, keep, format, n, temperature, topP, maxTokens, seed } = options;
  const { maxBadRows, retryRejects, limit } = options;
  return {
    stage: "sample-policy",
    out,
    affects: {
      ...{ format, n, temperature, topP, maxTokens, seed },
      ...(keep.length > 0 ? { keep } : {}),
      ...localRunOf([options.model], options),
    },
    inputs: await hashInputs(prompts, readingOf(options)),
    maxBadRows,
    retryRejects,
    read: () => readPromptRows(prompts, { promptKey, ...readingOf(options) }),
    content: promptContent,
    tokensOf: ({ responses }: PolicyRecord) =>
      responses.reduce((sum, each) => sum + each.completion_tokens, 0),
    record: PolicyRecord,
    reasons: POLICY_REJECTS,
    tally: tallyReplies,
    seed,
    shard: shardFrom(options.shard, context.env, context.log),
    limit,
  };
}
