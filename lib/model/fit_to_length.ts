/** How a chat that a reward model judges is fitted to the tokens that it reads. One rule for all. */
import { ModelError } from "../core/errors.ts";
import type { Message } from "../core/records.ts";
import type { ScoringItem } from "./reward_model.ts";

/** Renders a chat by the reward model's template and gives its tokens, BOS included. */
export type EncodeChat = (
  messages: readonly Message[],
  options: { addGenerationPrompt: boolean },
) => readonly number[] | Promise<readonly number[]>;

/** What a reward model reads of an item. */
export interface FittedChat {
  tokens: readonly number[];
  /** The answer lost its end. */
  truncated: boolean;
}

/** The chat that a reward model judges. */
export function judgedChat({ prompt, answer }: ScoringItem): Message[] {
  return [...prompt, { role: "assistant", content: answer }];
}

/**
 * The first `limit` tokens of the chat that ends with the answer, as Hugging Face's
 * `truncation=True` cuts: the prompt stays whole, the answer loses its end and the template's
 * closing tokens. Some of the answer always stays: where the prompt alone reaches the limit, every
 * answer would get the same score, so that throws `ModelError` `reject` / `context_overflow`.
 *
 * @param encode may stop after `limit + 1` tokens
 */
export async function fitToLength(
  item: ScoringItem,
  limit: number,
  encode: EncodeChat,
): Promise<FittedChat> {
  const tokens = await encode(judgedChat(item), { addGenerationPrompt: false });
  if (tokens.length <= limit) return { tokens, truncated: false };
  const prompt = await encode(item.prompt, { addGenerationPrompt: true });
  if (prompt.length >= limit) {
    const rule = `the reward model reads ${limit}, some of them for the answer`;
    throw new ModelError("reject", `prompt of ${limit} tokens or more: ${rule}`, {
      reason: "context_overflow",
    });
  }
  return { tokens: tokens.slice(0, limit), truncated: true };
}
