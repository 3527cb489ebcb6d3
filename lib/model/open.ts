/** From a SPEC to a model: the one place that knows every adapter. Each is loaded when asked for. */
import { shortHash } from "../core/canonical.ts";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { Format, Message } from "../core/records.ts";
import { type ChatTemplate, loadChatTemplate } from "../reply/chat_template.ts";
import type { BatchApi } from "./batch/batch_api.ts";
import type { BatchChatOptions } from "./batch/batch_chat.ts";
import type { Binding } from "./batch/job_log.ts";
import type { ChatModel } from "./chat_model.ts";
import type { RewardModel } from "./reward_model.ts";
import { parseSpec } from "./spec.ts";
import type { TextModel } from "./text_model.ts";
import { headerKey } from "./withhold_key.ts";

/** A policy: a model, and how its prompts are rendered. */
export interface Policy {
  model: TextModel;
  /** The prompt with its generation prompt, BOS included, the prefill not. */
  render: (messages: readonly Message[]) => string;
  /** Changes when the rendering does. */
  templateHash: string;
}

/** How a policy is opened. */
export interface OpenPolicyOptions {
  model: string;
  tokenizer?: string;
  /** Chooses the embedded policy's template; other models bring their own. */
  format?: Format;
  /** Replies a prompt. */
  n: number;
  /** File that requests and replies are recorded in. */
  record?: string;
  baseUrl: string[];
}

/** Opens the policy of a SPEC. Throws `InputError` where the SPEC or its folder is no good. */
export async function openPolicy(
  options: OpenPolicyOptions,
  context: StageContext,
): Promise<Policy> {
  const policy = await policyOf(options, context);
  if (options.record === undefined) return policy;
  const { recordText } = await import("./replay/record.ts");
  return { ...policy, model: await recordText(policy.model, options.record) };
}

async function policyOf(
  options: OpenPolicyOptions,
  context: StageContext,
): Promise<Policy> {
  const { provider, name } = parseSpec(options.model);
  switch (provider) {
    case "embedded": {
      const { embeddedTemplate, embeddedText } = await import("./embedded/embedded.ts");
      const template = options.tokenizer
        ? await loadChatTemplate(options.tokenizer)
        : await embeddedTemplate(neededFormat(options.format));
      return rendered(await embeddedText(), template);
    }
    case "local": {
      const { localText, resolveLocal } = await import("./local/local.ts");
      const dir = await resolveLocal(name, context);
      const template = await loadChatTemplate(options.tokenizer ?? dir);
      return rendered(await localText(dir), template);
    }
    case "vllm": {
      const { vllmText } = await import("./vllm/vllm_text.ts");
      const template = await loadChatTemplate(neededTokenizer(options));
      const { bosToken } = template;
      const { baseUrl: baseUrls, n } = options;
      return rendered(await vllmText({ name, baseUrls, n, bosToken, context }), template);
    }
    case "replay": {
      const { replayText } = await import("./replay/replay_text.ts");
      const model = await replayText(name);
      if (options.tokenizer) return rendered(model, await loadChatTemplate(options.tokenizer));
      return { model, render: () => "", templateHash: "" };
    }
    default:
      throw new InputError(
        `--model ${options.model}: a policy is embedded, local/DIR, vllm/NAME or replay/FILE`,
      );
  }
}

function rendered(model: TextModel, template: ChatTemplate): Policy {
  return {
    model,
    render: (messages) => template.render(messages, { addGenerationPrompt: true }),
    templateHash: shortHash([template.text, { ...template.specialTokens }]),
  };
}

function neededFormat(format: Format | undefined): Format {
  if (format) return format;
  throw new InputError(
    "--format is needed with --model embedded: prompted-think or prompted-nothink",
  );
}

function neededTokenizer({ model, tokenizer }: OpenPolicyOptions): string {
  if (tokenizer) return tokenizer;
  throw new InputError(`--tokenizer DIR is needed with --model ${model}: it renders the prompts`);
}

/** How a teacher is opened. */
export interface OpenTeacherOptions {
  model: string;
  baseUrl: string[];
  /** Which of OpenAI's APIs is spoken; by the address where not given. */
  api?: "responses" | "chat";
  /** Which of Google's SDKs reaches Gemini. */
  geminiSdk?: "genai" | "generative-ai";
  /** One request's time at most, in seconds. */
  timeout?: number;
  /** File that requests and replies are recorded in. */
  record?: string;
  /**
   * Replies come through the provider's batches: where the ids of jobs are kept, and the run's
   * options, for whoever comes upon a job that is on its way.
   */
  batches?: { folder: string; binding: Binding };
  /** Told of each reply's headers, where the SDK shows them. */
  onHeaders?: (headers: Headers) => void;
}

/** Whether a teacher's SPEC names a server: requests need a pace, a bill and guards. */
export function isRemote(spec: string): boolean {
  return ["openai", "gemini", "vllm"].includes(parseSpec(spec).provider);
}

/** Opens the teacher of a SPEC. Throws `InputError` where the SPEC or its key is no good. */
export async function openTeacher(
  options: OpenTeacherOptions,
  context: StageContext,
): Promise<ChatModel> {
  const model = await teacherOf(options, context);
  if (options.record === undefined) return model;
  const { recordChat } = await import("./replay/record.ts");
  return await recordChat(model, options.record);
}

async function teacherOf(options: OpenTeacherOptions, context: StageContext): Promise<ChatModel> {
  const { provider, name } = parseSpec(options.model);
  const { baseUrl: baseUrls, timeout = 300, batches } = options;
  if (batches !== undefined && provider !== "openai" && provider !== "gemini") {
    throw new InputError(
      `--batch: ${options.model} has no batches; openai/NAME and gemini/NAME do`,
    );
  }
  if (batches !== undefined && options.geminiSdk === "generative-ai" && provider === "gemini") {
    throw new InputError("--batch: Gemini's batches need --gemini-sdk genai");
  }
  switch (provider) {
    case "embedded": {
      const { embeddedChat } = await import("./embedded/embedded.ts");
      return await embeddedChat();
    }
    case "local": {
      const { localChat, resolveLocal } = await import("./local/local.ts");
      return await localChat(await resolveLocal(name, context));
    }
    case "vllm":
    case "openai": {
      if (provider === "vllm" && baseUrls.length === 0) {
        throw new InputError(`--base-url URL is needed with --model ${options.model}`);
      }
      // A server of one's own may need no key; OpenAI's does, and its key goes to nobody else's.
      const keyName = provider === "vllm" ? "VLLM_API_KEY" : "OPENAI_API_KEY";
      const apiKey = headerKey(keyName, context.env(keyName)) ??
        (baseUrls.length > 0 ? undefined : neededKey(keyName, options.model));
      const { fetch, now, log } = context;
      const { onHeaders } = options;
      const api = provider === "vllm" ? "chat" : options.api;
      const timeoutMs = timeout * 1000;
      const reached = { model: name, apiKey, keyName, baseUrls, api, timeoutMs };
      const common = { ...reached, fetch, now, log, onHeaders };
      if (batches !== undefined) {
        const { openaiBatches } = await import("./openai/openai_batches.ts");
        return await batched(openaiBatches(common), { model: name, apiKey, ...batches }, context);
      }
      const { openaiChat } = await import("./openai/openai_chat.ts");
      return openaiChat(common);
    }
    case "gemini": {
      const apiKey = headerKey("GEMINI_API_KEY", context.env("GEMINI_API_KEY")) ??
        neededKey("GEMINI_API_KEY", options.model);
      const { fetch, now } = context;
      const { onHeaders } = options;
      const timeoutMs = timeout * 1000;
      const sdk = options.geminiSdk;
      const common = { model: name, apiKey, baseUrls, timeoutMs, fetch, now, onHeaders };
      if (batches !== undefined) {
        const { geminiBatches } = await import("./gemini/gemini_batches.ts");
        return await batched(geminiBatches(common), { model: name, apiKey, ...batches }, context);
      }
      const { geminiChat } = await import("./gemini/gemini_chat.ts");
      return await geminiChat({ ...common, sdk });
    }
    case "replay": {
      const { replayChat } = await import("./replay/replay_chat.ts");
      return await replayChat(name);
    }
    default:
      throw new InputError(
        `--model ${options.model}: a teacher is embedded, local/DIR, openai/NAME, gemini/NAME, ` +
          `vllm/NAME or replay/FILE`,
      );
  }
}

async function batched(
  api: BatchApi,
  options: Pick<BatchChatOptions, "model" | "apiKey" | "folder" | "binding">,
  context: StageContext,
): Promise<ChatModel> {
  const { batchChat } = await import("./batch/batch_chat.ts");
  const { signal, sleep, now, monotonic, log } = context;
  return batchChat(api, { ...options, signal, sleep, now, monotonic, log });
}

function neededKey(name: string, spec: string): never {
  throw new InputError(`${name} is not set: --model ${spec} needs a key`);
}

/** How a reward model is opened. */
export interface OpenRewardModelOptions {
  rewardModel: string;
  /** Folder with the tokenizer and chat template of a served model. */
  tokenizer?: string;
  baseUrl: string[];
}

/** Opens the reward model of a SPEC. Throws `InputError` where the SPEC or its folder is no good. */
export async function openRewardModel(
  options: OpenRewardModelOptions,
  context: StageContext,
): Promise<RewardModel> {
  const { tokenizer } = options;
  const { provider, name } = parseSpec(options.rewardModel);
  switch (provider) {
    case "embedded": {
      const { embeddedReward } = await import("./embedded/embedded.ts");
      return await embeddedReward();
    }
    case "local": {
      const { localReward, resolveLocal } = await import("./local/local.ts");
      return await localReward(await resolveLocal(name, context));
    }
    case "vllm": {
      const { vllmReward } = await import("./vllm/vllm_reward.ts");
      return await vllmReward({ name, tokenizer, baseUrls: options.baseUrl, context });
    }
    case "tei": {
      const { teiReward } = await import("./tei/tei_reward.ts");
      const needed = neededRewardTokenizer(options);
      return await teiReward({ name, tokenizer: needed, baseUrls: options.baseUrl, context });
    }
    case "sglang": {
      const { sglangReward } = await import("./sglang/sglang_reward.ts");
      const needed = neededRewardTokenizer(options);
      return await sglangReward({ name, tokenizer: needed, baseUrls: options.baseUrl, context });
    }
    default:
      throw new InputError(
        `--reward-model ${options.rewardModel}: a reward model is embedded, local/DIR, vllm/NAME, ` +
          `tei/NAME or sglang/NAME`,
      );
  }
}

function neededRewardTokenizer({ rewardModel, tokenizer }: OpenRewardModelOptions): string {
  if (tokenizer) return tokenizer;
  throw new InputError(
    `--reward-tokenizer DIR is needed with --reward-model ${rewardModel}: its chat template ` +
      `renders prompt and answer`,
  );
}
