/** What a run of a policy behind a chat API would cost, before anything is sent. */
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";
import { readPolicyRecords } from "../io/records/read_records.ts";
import { isChatPolicy } from "../model/open.ts";
import { type CostEstimate, estimateCost } from "../model/paid/estimate.ts";
import type { KeptReplies } from "../model/paid/measured.ts";
import { chatRequest } from "./ask_chat.ts";
import { chatPolicySettings } from "./chat_policy.ts";
import { SamplePolicyOptions } from "./policy_options.ts";

/** Completion tokens of a reply where none is known: short chats, with a thought or without. */
const ASSUMED = { "chat": 600, "chat-think": 2_500 };

/**
 * Estimates what `samplePolicy` with the same options would cost; see `estimateCost`. Throws
 * `InputError` for bad options or input, and for a policy that costs nothing.
 */
export async function estimatePolicy(
  given: SamplePolicyOptions,
  overrides: Partial<StageContext> = {},
): Promise<CostEstimate> {
  const options = parseOptions(SamplePolicyOptions, given);
  if (!isChatPolicy(options.model)) {
    throw new InputError(`--estimate: ${options.model} costs nothing`);
  }
  const settings = chatPolicySettings(options);
  return await estimateCost({
    options,
    replies: settings.n,
    assumed: Math.min(ASSUMED[settings.format], settings.maxTokens),
    request: (prompt) => chatRequest(prompt, settings),
    kept,
  }, overrides);
}

async function* kept(file: string): AsyncGenerator<KeptReplies> {
  for await (const record of readPolicyRecords(file, { allowPartial: true })) {
    const { id, key, prompt: messages, responses } = record;
    yield { id, key, messages, completionTokens: responses.map((each) => each.completion_tokens) };
  }
}
