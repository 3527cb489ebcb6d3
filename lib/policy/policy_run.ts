/** What runs of stage 3a have in common, whatever reaches the policy. */
import type { Format, PolicyRecord } from "../core/records.ts";
import { localRunOf } from "../model/providers/local_options.ts";
import type { PolicySettings } from "./policy_options.ts";

/** The part of a run that its options alone tell. */
export function commonRun(options: PolicySettings & { format: Format }) {
  const { keep, format, n, temperature, topP, maxTokens, seed } = options;
  return {
    options,
    affects: {
      ...{ format, n, temperature, topP, maxTokens, seed },
      ...(keep.length > 0 ? { keep } : {}),
      ...localRunOf([options.model], options),
    },
    tokensOf: ({ responses }: PolicyRecord) =>
      responses.reduce((sum, each) => sum + each.completion_tokens, 0),
    seed,
  };
}
