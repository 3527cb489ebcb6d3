/** What providers' specifications allow, held against a run's options before anything is sent. */
import { InputError } from "../../core/errors.ts";
import { parseBaseUrl } from "./base_urls.ts";
import { type OpenaiApi, openaiApi } from "../openai/openai_api.ts";
import { parseSpec } from "../spec.ts";

/** What of a run's options a specification limits. */
export interface LimitedOptions {
  model: string;
  temperature: number;
  maxTokens: number;
  baseUrl: readonly string[];
  api?: OpenaiApi;
}

/** The Responses API's least `max_output_tokens`. */
const LEAST_TOKENS = 16;
/** The highest temperature of OpenAI and of Gemini. */
const MOST_TEMPERATURE = 2;

/** Throws `InputError` for options that the teacher's provider would refuse with every request. */
export function checkProviderLimits(options: LimitedOptions): void {
  const { model, temperature, maxTokens, baseUrl } = options;
  for (const url of baseUrl) parseBaseUrl(url);
  const { provider } = parseSpec(model);
  if (provider !== "openai" && provider !== "gemini") return;
  if (temperature > MOST_TEMPERATURE) {
    throw new InputError(
      `--temperature ${temperature}: ${model} takes ${MOST_TEMPERATURE} at most`,
    );
  }
  const responses = provider === "openai" &&
    openaiApi({ api: options.api, baseUrls: baseUrl }) === "responses";
  if (responses && maxTokens < LEAST_TOKENS) {
    throw new InputError(
      `--max-tokens ${maxTokens}: OpenAI's Responses API takes no fewer than ${LEAST_TOKENS}`,
    );
  }
}
