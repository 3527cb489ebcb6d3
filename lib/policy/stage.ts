/** Stage 3a, as one value. */
import { defaultContext } from "../core/context.ts";
import { parseOptions } from "../core/options.ts";
import { PolicyRecord } from "../core/records.ts";
import type { CostEstimate } from "../model/paid/estimate.ts";
import type { Policy } from "../model/open.ts";
import { type CallOptions, defineStage, leavesRecords, type Stage } from "../run/define_stage.ts";
import type { RepliesResult } from "../view/results.ts";
import { POLICY_REJECTS, SamplePolicyOptions, tallyReplies } from "./policy_options.ts";

/**
 * Samples `n` replies to every prompt and keeps them all; one that breaks its format is kept with
 * `answer: null` and the rule that it broke. A reply depends on (seed, prompt id, index) alone.
 *
 * @example
 * ```ts
 * import { EMBEDDED_PROMPTS, samplePolicy } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const { manifest } = await samplePolicy({
 *   prompts: EMBEDDED_PROMPTS,
 *   model: "embedded",
 *   format: "prompted-think",
 *   n: 2,
 *   maxTokens: 16,
 *   limit: 2,
 *   out,
 * });
 * assert.equal(manifest.counts.kept, 2);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input, and `RunError` where items could not be done.
 */
export const samplePolicy: Stage<SamplePolicyOptions, Policy, RepliesResult> = defineStage({
  name: "sample-policy",
  summary: "samples n replies a prompt from the policy (stage 3a)",
  examples: [
    "sample-policy --prompts prompts.jsonl --model embedded --format prompted-think --out runs/policy",
    "sample-policy --prompts prompts.jsonl --model local/models/policy-think " +
    "--format prompted-think --n 8 --temperature 0.7 --out runs/policy",
    "sample-policy --prompts prompts.csv --model openai/gpt-4.1-mini --format chat --n 4 " +
    "--max-cost-usd 5 --out runs/policy",
    "sample-policy --from runs/policy/manifest.json --temperature 1 --out runs/policy-t1",
  ],
  options: SamplePolicyOptions,
  leaves: leavesRecords("policy", PolicyRecord, tallyReplies),
  rejects: POLICY_REJECTS,
  run: async (call) => await (await import("./sample_policy.ts")).samplePolicy(call),
});

/**
 * Estimates what `samplePolicy` with the same options would cost where the policy is behind a chat
 * API, and sends nothing; no key is needed. Where OUT holds replies already, the guess rests on them.
 *
 * @example
 * ```ts
 * import { EMBEDDED_PROMPTS, estimatePolicy } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const prompts = EMBEDDED_PROMPTS;
 * const { toAsk, cost } = await estimatePolicy({ prompts, model: "openai/gpt-4.1-mini", n: 4, out });
 * assert.ok(toAsk > 100 && cost !== null && cost > 0);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input, and for a policy that costs nothing.
 */
export async function estimatePolicy(
  options: SamplePolicyOptions,
  { context }: Pick<CallOptions, "context"> = {},
): Promise<CostEstimate> {
  const settings = parseOptions(SamplePolicyOptions, options);
  const { estimatePolicy } = await import("./estimate_policy.ts");
  return await estimatePolicy(settings, defaultContext(context));
}
