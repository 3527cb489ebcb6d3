/** Sampling parameters that OpenAI's reasoning models refuse, in live requests and in batches. */
import {
  type RefusedParameters,
  refusedParameters,
  type RefusedParametersOptions,
} from "../call/refused_parameters.ts";
import type { OpenaiApi } from "./openai_api.ts";

/** A refusal as an error's body tells of it. */
export interface OpenaiRefusal {
  status: number | undefined;
  code?: string | null;
  param?: string | null;
  message?: string | null;
}

/** What may be left out; anything else that is refused is the options' or the prompt's fault. */
const OPTIONAL = ["temperature", "top_p", "seed", "max_tokens"];

/** What a model is known to refuse: nothing, until it has. */
export function openaiParameters(
  model: Pick<RefusedParametersOptions, "provider" | "model" | "log">,
  api: OpenaiApi,
): RefusedParameters {
  return refusedParameters({
    ...model,
    refused: refusedParameter,
    replace(body, name) {
      const { [name]: value, ...rest } = body;
      // The limit is not dropped: newer models know it by its newer name.
      return name === "max_tokens" && api === "chat"
        ? { ...rest, max_completion_tokens: value }
        : rest;
    },
  });
}

/** The parameter that an SDK's error or a batch's line refuses as such; undefined for another error. */
export function refusedParameter(error: unknown): string | undefined {
  const { status, code, param, message } = error as OpenaiRefusal;
  if (status !== 400) return undefined;
  const unsupported = code === "unsupported_parameter" || code === "unsupported_value" ||
    /unsupported (?:parameter|value)|not supported with this model/i.test(message ?? "");
  return unsupported ? OPTIONAL.find((name) => name === param) : undefined;
}
