/** From a SPEC to a model, by the table of providers. Each adapter is loaded when asked for. */
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { resolveFolder, tokenizerFiles } from "../io/hub/hub_model.ts";
import { parseBaseUrl } from "./call/base_urls.ts";
import type { ChatModel, ChatRequest } from "./chat_model.ts";
import type { RewardModel, ScoringItem } from "./reward_model.ts";
import type {
  LimitedOptions,
  OpenPolicyOptions,
  OpenRewardModelOptions,
  OpenTeacherOptions,
  Policy,
  Port,
  Provider,
} from "./providers/provider.ts";
import { formOf, formsOf, PROVIDERS } from "./providers/providers.ts";
import { parseSpec, providerOf } from "./spec.ts";

export type { OpenPolicyOptions, OpenRewardModelOptions, OpenTeacherOptions, Policy };

/** Whether a teacher's SPEC names a server: requests need a pace, a bill and guards. */
export function isRemote(spec: string): boolean {
  return providerOf(spec, "teacher").remote ?? false;
}

/** Whether a policy's SPEC names a chat API: it renders prompts itself, and is paid for. */
export function isChatPolicy(spec: string): boolean {
  return providerOf(spec, "policy").policyByChat ?? false;
}

/** Throws `InputError` for options that the provider's specification refuses with every request. */
export function checkProviderLimits(options: LimitedOptions): void {
  for (const url of options.baseUrl) parseBaseUrl(url);
  providerOf(options.model, "teacher").checkLimits?.(options);
}

/** Opens the teacher of a SPEC. Throws `InputError` where the SPEC or its key is no good. */
export async function openTeacher(
  options: OpenTeacherOptions,
  context: StageContext,
): Promise<ChatModel> {
  const { model: spec, record, batches } = options;
  const open = opener("teacher", "--model", spec, options.baseUrl);
  if (batches !== undefined && !providerOf(spec).batches) {
    const forms = PROVIDERS.filter(({ batches }) => batches).map(formOf).join(" and ");
    throw new InputError(`--batch: ${spec} has no batches; ${forms} do`);
  }
  const model = await open(parseSpec(spec).name, options, context);
  if (record === undefined) return model;
  const { recordChat } = await import("./replay/record.ts");
  return await recordChat(model, record);
}

/** Opens the policy of a SPEC. Throws `InputError` where the SPEC or its folder is no good. */
export async function openPolicy(
  options: OpenPolicyOptions,
  context: StageContext,
): Promise<Policy> {
  const { model: spec, record } = options;
  const open = opener("policy", "--model", spec, options.baseUrl);
  const policy = await open(parseSpec(spec).name, options, context);
  if (record === undefined) return policy;
  const { recordText } = await import("./replay/record.ts");
  return { ...policy, model: await recordText(policy.model, record) };
}

/** Opens the reward model of a SPEC. Throws `InputError` where the SPEC or its folder is no good. */
export async function openRewardModel(
  options: OpenRewardModelOptions,
  context: StageContext,
): Promise<RewardModel> {
  const { rewardModel: spec } = options;
  const open = opener("reward", "--reward-model", spec, options.baseUrl);
  const tokenizer = options.tokenizer &&
    await resolveFolder(options.tokenizer, context, tokenizerFiles);
  return await open(parseSpec(spec).name, { ...options, tokenizer }, context);
}

const WORDS: Record<Port, string> = {
  teacher: "a teacher",
  policy: "a policy",
  reward: "a reward model",
};

/** The opener of a SPEC's provider for a port. Throws `InputError` where it has none. */
function opener<P extends Port>(
  port: P,
  flag: string,
  spec: string,
  baseUrl: readonly string[],
): NonNullable<Provider[P]> {
  for (const url of baseUrl) parseBaseUrl(url);
  const open = providerOf(spec, port)[port];
  if (open) return open;
  throw new InputError(`${flag} ${spec}: ${WORDS[port]} is one of ${formsOf(port)}`);
}

/** What a judge of these options would be asked about the replies to a prompt. */
export async function judgeRequests(
  judge: Omit<NonNullable<OpenRewardModelOptions["judge"]>, "openChat">,
): Promise<(items: readonly ScoringItem[]) => ChatRequest[]> {
  const { rubricOf } = await import("./judge/rubric.ts");
  const { verdictRequests } = await import("./judge/judge_reward.ts");
  const asked = { ...judge, rubric: rubricOf(judge) };
  return (items) => verdictRequests(items, asked);
}
