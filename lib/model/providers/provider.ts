/** What a provider of models is: a row of the one table that SPECs, openers, errors and help go by. */
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import type { Format, Message, Tools } from "../../core/records.ts";
import type { Binding } from "../batch/job_log.ts";
import type { ChatModel } from "../chat_model.ts";
import type { OpenaiApi } from "../openai/openai_api.ts";
import type { RewardModel } from "../reward_model.ts";
import type { TextModel } from "../text_model.ts";
import type { LocalRun } from "./local_options.ts";

/** What a model may be for a stage. */
export type Port = "teacher" | "policy" | "reward";

/** Opens the model called `name` behind a SPEC. Throws `InputError` where that is no good. */
type Opener<O, M> = (name: string, options: O, context: StageContext) => Promise<M>;

/** Where models run or come from. */
export interface Provider {
  /** The word before the slash of a SPEC. */
  readonly name: string;
  /** What stands behind the slash, as help shows it: `DIR`; undefined where there is nothing. */
  readonly rest?: string;
  /** One line for the documents. */
  readonly about: string;
  /** Its teachers need a pace, a bill and guards: requests leave this process. */
  readonly remote?: boolean;
  /** Its tokens cost money: what a run spends is counted by LiteLLM's prices, and can be capped. */
  readonly paid?: boolean;
  /** Its teachers can reply through batches (`--batch`). */
  readonly batches?: boolean;
  /** Its teachers are policies too, for the formats chat and chat-think. */
  readonly policyByChat?: boolean;
  /**
   * Throws `InputError` for options that its specification refuses with every request; asked before
   * anything is sent.
   */
  readonly checkLimits?: (options: LimitedOptions) => void;
  readonly teacher?: Opener<OpenTeacherOptions, ChatModel>;
  readonly policy?: Opener<OpenPolicyOptions, Policy>;
  readonly reward?: Opener<OpenRewardModelOptions, RewardModel>;
}

/** What of a run's options a provider's specification may limit. */
export interface LimitedOptions {
  /** The SPEC. */
  model: string;
  temperature: number;
  maxTokens: number;
  baseUrl: readonly string[];
  api?: OpenaiApi;
}

/** A policy: a model, and how its prompts are rendered. */
export interface Policy {
  /** What is sampled. */
  model: TextModel;
  /** The prompt with its generation prompt, BOS included, the prefill not. */
  render: (messages: readonly Message[], tools?: Tools) => string;
  /** Changes when the rendering does. */
  templateHash: string;
  /** The commit of a tokenizer on the Hub. */
  tokenizerRevision?: string;
}

/** How a policy is opened. */
export interface OpenPolicyOptions extends LocalRun {
  /** The SPEC. */
  model: string;
  tokenizer?: string;
  /** The chat template's own variables: `enable_thinking=false`. */
  templateArg?: readonly string[];
  /** Chooses the embedded policy's template; other models bring their own. */
  format?: Format;
  /** Replies a prompt. */
  n: number;
  /** File that requests and replies are recorded in. */
  record?: string;
  baseUrl: string[];
}

/** How a teacher is opened. */
export interface OpenTeacherOptions extends LocalRun {
  /** The SPEC. */
  model: string;
  baseUrl: string[];
  /** Which of OpenAI's APIs is spoken; by the address where not given. */
  api?: OpenaiApi;
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

/** How a reward model is opened. */
export interface OpenRewardModelOptions extends LocalRun {
  /** The SPEC. */
  rewardModel: string;
  /** Folder with the tokenizer and chat template of a served model. */
  tokenizer?: string;
  baseUrl: string[];
  /** The kept column that rules compare answers with. */
  labelKey?: string;
  /** What a reward in a file of its own may do: `read`, `net=HOST`. */
  moduleAllow?: readonly string[];
  /** How a judge is asked, and how the chat model behind it is opened. */
  judge?: {
    mode: "pointwise" | "pairwise";
    /** `NAME=WORDS`. */
    criteria: readonly string[];
    /** A question of the user's own. */
    text?: string;
    /** Of a tournament: how many others each answer meets. */
    rounds: number;
    maxTokens: number;
    temperature: number;
    seed: number;
    openChat: (spec: string) => Promise<ChatModel>;
  };
}

/** The tokenizer's folder of a served policy. Throws `InputError` where it was not given. */
export function neededTokenizer({ model, tokenizer }: OpenPolicyOptions): string {
  if (tokenizer) return tokenizer;
  throw new InputError(`--tokenizer DIR is needed with --model ${model}: it renders the prompts`);
}

/** The tokenizer's folder of a served reward model. Throws `InputError` where it was not given. */
export function neededRewardTokenizer(
  { rewardModel, tokenizer }: OpenRewardModelOptions,
): string {
  if (tokenizer) return tokenizer;
  throw new InputError(
    `--reward-tokenizer DIR is needed with --reward-model ${rewardModel}: its chat template ` +
      `renders prompt and answer`,
  );
}

/** Throws `InputError` where a server's address was not given. */
export function checkBaseUrl(flag: string, spec: string, baseUrl: readonly string[]): void {
  if (baseUrl.length > 0) return;
  throw new InputError(
    `--base-url URL is needed with ${flag} ${spec}: where its server is, such as ` +
      `http://127.0.0.1:8000`,
  );
}

/** Throws `InputError` for a temperature above the highest that a provider takes. */
export function checkTemperature({ model, temperature }: LimitedOptions, most: number): void {
  if (temperature <= most) return;
  throw new InputError(`--temperature ${temperature}: ${model} takes ${most} at most`);
}
