/** `/v1/completions` on the wire: the request's body, and the choices in a reply. Pure. */
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { firstFault } from "../../core/rule_words.ts";
import type { FinishReason } from "../../core/records.ts";
import { seedFor } from "../../core/random.ts";
import { usageOf } from "../call/usage.ts";
import type { Completion, CompletionRequest } from "../text_model.ts";

/**
 * The body that asks for `n` continuations of a rendered prompt, the first of them at `index`.
 *
 * Every sampling parameter is sent, as a server takes what is left out from the model's
 * generation_config.json (vLLM) or from defaults of its own (llama.cpp: top-k 40, min-p 0.05). The
 * prompt holds its BOS already, so special tokens are not added. The seed is the prompt's own, and
 * the reply's index is added to it, as vLLM does for n > 1: asked for together or one by one, a
 * reply has the same seed.
 */
export function completionBody(
  model: string,
  request: CompletionRequest,
  { n, index }: { n: number; index: number },
): Record<string, unknown> {
  // Room below 2^31, so that adding an index cannot leave the range that servers take.
  const seed = seedFor(request.seed, request.id) % 0x7fff0000;
  return {
    model,
    prompt: request.prompt,
    n,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK === 0 ? -1 : request.topK,
    min_p: 0,
    presence_penalty: 0,
    frequency_penalty: 0,
    repetition_penalty: 1,
    repeat_penalty: 1,
    seed: seed + index,
    stop: request.stop,
    include_stop_str_in_output: request.includeStop,
    add_special_tokens: false,
    skip_special_tokens: true,
    spaces_between_special_tokens: false,
    return_token_ids: true,
    stream: false,
  };
}

const Choice = z.object({
  index: z.number().int().nonnegative().default(0),
  text: z.string(),
  finish_reason: z.string().nullish(),
  stop_reason: z.union([z.string(), z.number()]).nullish(),
  token_ids: z.array(z.number()).nullish(),
});

/** A reply of `/v1/completions`, as far as it is used. */
export const CompletionReply = z.object({
  choices: z.array(Choice).min(1),
  usage: z.object({ prompt_tokens: z.unknown(), completion_tokens: z.unknown() }).nullish().catch(
    null,
  ),
});
export type CompletionReply = z.infer<typeof CompletionReply>;

/** Reads a reply's shape. Throws a `ModelError` of kind `retry` where it is another. */
export function parseCompletionReply(url: string, json: unknown): CompletionReply {
  const parsed = CompletionReply.safeParse(json);
  if (parsed.success) return parsed.data;
  const { field, rule } = firstFault(parsed.error);
  throw new ModelError("retry", `${url}/v1/completions: field ${field}: ${rule}`);
}

/**
 * The choices of a reply in order of their index. With `appendStop`, for servers that say which
 * stop string ended a text but leave it out, it is put back.
 */
export function completionsOf(
  reply: CompletionReply,
  { appendStop }: { appendStop: boolean },
): Completion[] {
  const choices = [...reply.choices].sort((a, b) => a.index - b.index);
  const counts = tokenCounts(reply);
  return choices.map((choice, at) => {
    const { text, finish_reason, stop_reason } = choice;
    if (finish_reason === "abort") throw new ModelError("retry", "the server gave the reply up");
    const stopped = appendStop && finish_reason === "stop" && typeof stop_reason === "string";
    return {
      text: stopped ? text + stop_reason : text,
      finishReason: finishReasonOf(finish_reason),
      completionTokens: counts[at]!,
    };
  });
}

/** The finish reasons of completion servers in the project's words. */
export function finishReasonOf(reason: string | null | undefined): FinishReason {
  return reason === "stop" || reason === "length" || reason === "content_filter" ? reason : "other";
}

/**
 * Tokens of each choice: exact where the server sends token ids or there is one choice; else the
 * total by the lengths of the texts, as `usage` counts all choices together.
 */
function tokenCounts({ choices, usage }: CompletionReply): number[] {
  const sorted = [...choices].sort((a, b) => a.index - b.index);
  const { completion_tokens: total } = usageOf({ completion: usage?.completion_tokens });
  const letters = sorted.reduce((sum, { text }) => sum + text.length, 0);
  return sorted.map(({ text, token_ids }) =>
    token_ids?.length ??
      Math.round(letters === 0 ? total / sorted.length : total * text.length / letters)
  );
}
