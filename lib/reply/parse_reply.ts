/** The strict parser of sampled replies. */
import type { Answer, FinishReason, Format } from "../core/records.ts";
import { isEmpty, rules, tagsIn } from "./format.ts";
import type { MalformedReason } from "./malformed.ts";
import { pythonStrip } from "./python_strip.ts";

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
  const { order, tags } = rules[format];
  const opening = origin.prefilled ? rules[format].prefill : "";
  const whole = opening + text + (origin.stoppedAt ?? "");

  const found = tagsIn(whole, tags);
  const fault = faultOfTags(found.map(({ name }) => name), order);
  if (fault !== null) return malformed(fault);

  const gaps: string[] = [];
  let end = 0;
  for (const { from, to } of found) {
    gaps.push(whole.slice(end, from));
    end = to;
  }
  gaps.push(whole.slice(end));

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
