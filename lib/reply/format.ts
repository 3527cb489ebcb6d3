/**
 * The reply formats and their renderer; `parse_reply.ts` is their one parser. No other code of
 * thinkset knows a tag.
 *
 * | format | assistant turn |
 * |---|---|
 * | `prompted-think` | `<think> {thought} </think>\n<response> {answer} </response>` |
 * | `prompted-nothink` | `<response> {answer} </response>` |
 * | `chat-think` | `<think>\n{thought}\n</think>\n\n{answer}` |
 * | `chat` | `{answer}` |
 */
import { InputError } from "../core/errors.ts";
import type { Format } from "../core/records.ts";
import type { MalformedReason } from "./malformed.ts";
import { pythonStrip } from "./python_strip.ts";

/** The two parts of a reply; a format without thinking has no thought. */
export interface ReplyParts {
  /** The part before the answer; null where the format has none. */
  thought: string | null;
  /** The part after the thought. */
  answer: string;
}

const THINK = "<think>",
  END_THINK = "</think>",
  RESPONSE = "<response>",
  END_RESPONSE = "</response>";
/** All tags of the formats. */
export const TAGS: readonly string[] = [THINK, END_THINK, RESPONSE, END_RESPONSE];
/** Those of a thought. */
export const THINK_TAGS: readonly string[] = [THINK, END_THINK];

interface Rules {
  /** The tags in their order. */
  order: readonly string[];
  /** Every tag that must not stand anywhere else. */
  tags: readonly string[];
  prefill: string;
  stops: readonly string[];
}

/** What each format's texts are made of; for other code of this folder alone. */
export const rules: Record<Format, Rules> = {
  "prompted-think": {
    order: TAGS,
    tags: TAGS,
    prefill: ` ${THINK}`,
    stops: [END_RESPONSE],
  },
  "prompted-nothink": {
    order: [RESPONSE, END_RESPONSE],
    tags: TAGS,
    prefill: "",
    stops: [END_RESPONSE],
  },
  "chat-think": { order: THINK_TAGS, tags: THINK_TAGS, prefill: `${THINK}\n`, stops: [] },
  "chat": { order: [], tags: THINK_TAGS, prefill: "", stops: [] },
};

/** A tag, and where it stands in a text. */
export interface TagPlace {
  name: string;
  from: number;
  to: number;
}

/** Which of the tags stand in a text, in their order. */
export function tagsIn(text: string, tags: readonly string[]): TagPlace[] {
  const found: TagPlace[] = [];
  for (let from = text.indexOf("<"); from >= 0; from = text.indexOf("<", from + 1)) {
    const name = tags.find((tag) => text.startsWith(tag, from));
    if (name !== undefined) found.push({ name, from, to: from + name.length });
  }
  return found;
}

/** Whether replies of this format hold a thought. */
export function hasThought(format: Format): boolean {
  return rules[format].order.includes(THINK);
}

/**
 * What follows the rendered prompt when a reply of this format is sampled: ` <think>` (after
 * `Assistant:`) for `prompted-think`, `<think>\n` for `chat-think`, nothing for the others. Where
 * a template's generation prompt ends with it already, `prefillFor` leaves it out.
 */
export function prefillOf(format: Format): string {
  return rules[format].prefill;
}

/**
 * The prefill that a rendered prompt still needs: none where its end is the prefill already, as in
 * templates that open the thought themselves. Either way the reply is then parsed with
 * `prefilled: prefillOf(format) !== ""`.
 *
 * @example
 * ```ts
 * import { prefillFor } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * assert.equal(prefillFor("chat-think", "<|im_start|>assistant\n"), "<think>\n");
 * assert.equal(prefillFor("chat-think", "<|im_start|>assistant\n<think>\n"), "");
 * ```
 */
export function prefillFor(format: Format, renderedPrompt: string): string {
  const { prefill } = rules[format];
  return renderedPrompt.trimEnd().endsWith(THINK) ? "" : prefill;
}

/** The strings that end a reply of this format, beside EOS. Sample with `includeStop`. */
export function stopsOf(format: Format): string[] {
  return [...rules[format].stops];
}

/** What can be wrong with a reply's parts before they are rendered. */
export type PartFault = Extract<MalformedReason, "empty_part" | "unexpected_tag">;

/**
 * The rule that these parts would break if they were rendered, or null: an empty part, or a tag of
 * the format within a part.
 */
export function faultOf(format: Format, reply: ReplyParts): PartFault | null {
  const parts = hasThought(format) ? [reply.thought ?? "", reply.answer] : [reply.answer];
  for (const part of parts) {
    if (isEmpty(part)) return "empty_part";
    if (tagsIn(part, rules[format].tags).length > 0) return "unexpected_tag";
  }
  return null;
}

/**
 * The assistant turn of a reply, its parts stripped of white space at both ends. A format without
 * a thought leaves the thought out. `compat: "rlmt"` is the public DPO builder's `chat-think`: one
 * newline after `</think>`. Throws `InputError` where `faultOf` names a rule.
 *
 * @example
 * ```ts
 * import { renderReply } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   renderReply("prompted-think", { thought: "2 + 2", answer: "4" }),
 *   "<think> 2 + 2 </think>\n<response> 4 </response>",
 * );
 * ```
 */
export function renderReply(
  format: Format,
  reply: ReplyParts,
  options: { compat?: "rlmt" } = {},
): string {
  const fault = faultOf(format, reply);
  if (fault !== null) throw new InputError(`the reply cannot be written as ${format}: ${fault}`);
  const thought = pythonStrip(reply.thought ?? ""), answer = pythonStrip(reply.answer);
  switch (format) {
    case "prompted-think":
      return `${THINK} ${thought} ${END_THINK}\n${RESPONSE} ${answer} ${END_RESPONSE}`;
    case "prompted-nothink":
      return `${RESPONSE} ${answer} ${END_RESPONSE}`;
    case "chat-think":
      return `${THINK}\n${thought}\n${END_THINK}${options.compat ? "\n" : "\n\n"}${answer}`;
    case "chat":
      return answer;
  }
}

/** Nothing to be seen, by Python's white space or JavaScript's. */
export function isEmpty(text: string): boolean {
  return pythonStrip(text).trim() === "";
}
