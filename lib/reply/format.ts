/**
 * The reply formats: one renderer and one strict parser. No other code of thinkset knows a tag.
 *
 * | format | assistant turn |
 * |---|---|
 * | `prompted-think` | `<think> {thought} </think>\n<response> {answer} </response>` |
 * | `prompted-nothink` | `<response> {answer} </response>` |
 * | `chat-think` | `<think>\n{thought}\n</think>\n\n{answer}` |
 * | `chat` | `{answer}` |
 */
import { InputError } from "../core/errors.ts";
import type { Answer, FinishReason, Format } from "../core/records.ts";
import { pythonStrip } from "./python_strip.ts";

/** The rules that a reply can break, and what each says. */
export const MALFORMED = {
  cut_by_length: "cut by the token limit, whatever it holds so far",
  cut_by_provider:
    "withheld or cut by the provider (content filter, recitation, an unknown reason)",
  missing_tag: "a tag of the format is not there",
  nested_tag: "a tag opens inside another",
  repeated_tag: "a tag stands more than once",
  misplaced_tag: "each tag stands once, in a wrong order",
  unexpected_tag: "a tag that has no place in this format: a thought in a format without one",
  text_before_start: "text before the first tag",
  text_between_parts: "text between the thought and the response",
  text_after_end: "text after the closing tag",
  empty_part: "the thought or the answer is empty",
} as const;

/** Why a reply is malformed: `malformed` is one of these, or null. */
export type MalformedReason = keyof typeof MALFORMED;
/** The rules that a reply can break. */
export const MALFORMED_REASONS = Object.keys(MALFORMED) as readonly MalformedReason[];

/** The two parts of a reply; a format without thinking has no thought. */
export interface ReplyParts {
  /** The part before the answer; null where the format has none. */
  thought: string | null;
  /** The part after the thought. */
  answer: string;
}

/** A reply taken apart: either an answer (and a thought where the format has one), or a reason. */
export type ParsedReply =
  | { thought: string | null; answer: Answer; malformed: null }
  | { thought: string | null; answer: null; malformed: MalformedReason };

/** How a reply came to be, which its text alone does not tell. */
export interface ReplyOrigin {
  /** Why the reply ended. */
  finishReason: FinishReason;
  /** The prompt ended with `prefillOf(format)`, so the text starts after it. Default false. */
  prefilled?: boolean;
  /**
   * The stop string that ended the reply, where the server named it and took it off the text: it
   * is put back before parsing. Leave it out where the text still holds it (`includeStop`), and
   * where it is not known what ended the reply: nothing is guessed.
   */
  stoppedAt?: string | null;
}

const THINK = "<think>",
  END_THINK = "</think>",
  RESPONSE = "<response>",
  END_RESPONSE = "</response>";
const anyTag = /<\/?(?:think|response)>/g;
const thinkTag = /<\/?think>/g;

interface Rules {
  /** The tags in their order. */
  order: readonly string[];
  /** Every tag that must not stand anywhere else. */
  tag: RegExp;
  prefill: string;
  stops: readonly string[];
}

/** What each format's texts are made of; for other code of this folder alone. */
export const rules: Record<Format, Rules> = {
  "prompted-think": {
    order: [THINK, END_THINK, RESPONSE, END_RESPONSE],
    tag: anyTag,
    prefill: ` ${THINK}`,
    stops: [END_RESPONSE],
  },
  "prompted-nothink": {
    order: [RESPONSE, END_RESPONSE],
    tag: anyTag,
    prefill: "",
    stops: [END_RESPONSE],
  },
  "chat-think": { order: [THINK, END_THINK], tag: thinkTag, prefill: `${THINK}\n`, stops: [] },
  "chat": { order: [], tag: thinkTag, prefill: "", stops: [] },
};

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
    if (part.includes("<") && part.search(rules[format].tag) >= 0) return "unexpected_tag";
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

/**
 * Takes a sampled reply apart, strictly: a text that breaks any rule of its format has no answer.
 * The parts are stripped of white space at both ends, and so are the ends of the text. A malformed
 * reply's thought is null.
 *
 * @example
 * ```ts
 * import { parseReply } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const text = " 2 + 2 </think>\n<response> 4 </response>";
 * const origin = { finishReason: "stop", prefilled: true } as const;
 * const reply = parseReply("prompted-think", text, origin);
 * assert.deepEqual(reply, { thought: "2 + 2", answer: "4", malformed: null });
 * assert.equal(parseReply("prompted-think", "4", origin).malformed, "missing_tag");
 * ```
 */
export function parseReply(format: Format, text: string, origin: ReplyOrigin): ParsedReply {
  if (origin.finishReason === "length") return malformed("cut_by_length");
  if (origin.finishReason !== "stop") return malformed("cut_by_provider");
  const { order, tag } = rules[format];
  const opening = origin.prefilled ? rules[format].prefill : "";
  const whole = opening + text + (origin.stoppedAt ?? "");

  const found = [...whole.matchAll(tag)];
  const fault = faultOfTags(found.map((match) => match[0]), order);
  if (fault !== null) return malformed(fault);

  const gaps: string[] = [];
  let from = 0;
  for (const match of found) {
    gaps.push(whole.slice(from, match.index));
    from = match.index + match[0].length;
  }
  gaps.push(whole.slice(from));

  switch (format) {
    case "prompted-think": {
      const [before, thought, between, answer, after] = gaps as [
        string,
        string,
        string,
        string,
        string,
      ];
      if (!isEmpty(before)) return malformed("text_before_start");
      if (!isEmpty(between)) return malformed("text_between_parts");
      if (!isEmpty(after)) return malformed("text_after_end");
      return wellFormed(thought, answer);
    }
    case "prompted-nothink": {
      const [before, answer, after] = gaps as [string, string, string];
      if (!isEmpty(before)) return malformed("text_before_start");
      if (!isEmpty(after)) return malformed("text_after_end");
      return wellFormed(null, answer);
    }
    case "chat-think": {
      const [before, thought, answer] = gaps as [string, string, string];
      if (!isEmpty(before)) return malformed("text_before_start");
      return wellFormed(thought, answer);
    }
    case "chat":
      return wellFormed(null, gaps[0]!);
  }
}

function faultOfTags(tags: readonly string[], order: readonly string[]): MalformedReason | null {
  if (tags.length === order.length && tags.every((tag, i) => tag === order[i])) return null;
  if (tags.some((tag) => !order.includes(tag))) return "unexpected_tag";
  if (order.some((tag) => !tags.includes(tag))) return "missing_tag";
  let open = false;
  for (const tag of tags) {
    const opens = !tag.startsWith("</");
    if (opens && open) return "nested_tag";
    open = opens;
  }
  return tags.length > order.length ? "repeated_tag" : "misplaced_tag";
}

function wellFormed(thought: string | null, answer: string): ParsedReply {
  if (isEmpty(answer) || (thought !== null && isEmpty(thought))) return malformed("empty_part");
  return {
    thought: thought === null ? null : pythonStrip(thought),
    answer: pythonStrip(answer) as Answer,
    malformed: null,
  };
}

function malformed(reason: MalformedReason): ParsedReply {
  return { thought: null, answer: null, malformed: reason };
}

/** Nothing to be seen, by Python's white space or JavaScript's. */
function isEmpty(text: string): boolean {
  return pythonStrip(text).trim() === "";
}
