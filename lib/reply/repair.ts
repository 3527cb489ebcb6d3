/** Replies as the public scripts left them, with the tags that those leave behind. */
import type { Format } from "../core/records.ts";
import { faultOf, prefillOf, renderReply, TAGS, tagsIn, THINK_TAGS } from "./format.ts";
import { type ParsedReply, parseReply } from "./parse_reply.ts";

/** What can be mended to read a public script's reply, by name. */
export const REPAIRS = [
  /** `<think>` or `</think>` was left on the thought. */
  "think_tag_left_on_thought",
  /** `<response>` or `</response>` was left on the answer. */
  "response_tag_left_on_answer",
  /** The model went on after `</response>` ("User: …"), which was kept; it is cut off. */
  "run_on_text_cut",
] as const;

/** The name of a repair. */
export type Repair = (typeof REPAIRS)[number];

/** A reply as a public script's file holds it: taken apart, or one text. */
export type PublicReply = { thought: string; answer: string } | { text: string };

/** A reply that was read, its text as a model would have sampled it, and what was mended. */
export type RepairedReply = ParsedReply & { text: string; repairs: Repair[] };

const hasTag = (text: string, tags: readonly string[] = TAGS) => tagsIn(text, tags).length > 0;

/**
 * Reads the replies of one row of a public script's file.
 *
 * Parts without tags are taken as they are, and so are plain answers for the formats without a
 * thought, unless another text of the row holds tags. Where a tag was left on a part, the reply is
 * put together as it was sampled and what follows the first `</response>` is cut off; the strict
 * parser judges the rest, so that a reply which never came to its end stays malformed.
 */
export function repairReplies(format: Format, replies: readonly PublicReply[]): RepairedReply[] {
  const raw = replies.some((reply) => "text" in reply && hasTag(reply.text));
  return replies.map((reply) => {
    if (!("text" in reply)) return repairParts(format, reply.thought, reply.answer);
    const plain = format === "prompted-nothink" && !raw;
    return plain ? fromParts(format, "", reply.text) : fromText(format, reply.text, []);
  });
}

/**
 * A teacher's thought and answer without the tags that were left on them; other tags within are
 * left alone, for the dataset's builder to reject.
 */
export function repairTeacher(
  parts: { thought: string | null; answer: string },
): { thought: string | null; answer: string; repairs: Repair[] } {
  const repairs: Repair[] = [];
  const thought = parts.thought === null ? null : bareThought(parts.thought);
  if (thought !== parts.thought) repairs.push("think_tag_left_on_thought");
  const { text, ranOn } = cutAtEnd(parts.answer);
  const answer = without(text, "<response>", "</response>");
  if (answer !== text) repairs.push("response_tag_left_on_answer");
  if (ranOn) repairs.push("run_on_text_cut");
  return { thought, answer, repairs };
}

function repairParts(format: Format, thought: string, answer: string): RepairedReply {
  if (!hasTag(thought) && !hasTag(answer)) return fromParts(format, thought, answer);
  const repairs: Repair[] = [];
  if (hasTag(thought, THINK_TAGS)) repairs.push("think_tag_left_on_thought");
  if (format.startsWith("prompted-") && hasTag(answer, ["<response>", "</response>"])) {
    repairs.push("response_tag_left_on_answer");
  }
  const opened = thought.replace(/^\s*<think>/, "");
  switch (format) {
    case "prompted-think": {
      const start = /^\s*<response>/.test(answer) ? "" : "<response> ";
      return fromText(format, `${opened}\n${start}${answer}`, repairs);
    }
    case "chat-think":
      return fromText(format, `${bareThought(thought)}\n</think>\n\n${answer}`, repairs);
    case "prompted-nothink": {
      const start = /^\s*<response>/.test(answer) ? "" : "<response> ";
      return fromText(format, `${start}${answer}`, repairs);
    }
    case "chat":
      return fromText(format, answer, repairs);
  }
}

/** Parts without tags: well-formed unless one is empty. */
function fromParts(format: Format, thought: string, answer: string): RepairedReply {
  const fault = faultOf(format, { thought, answer });
  if (fault !== null) {
    const text = `${thought}\n${answer}`.trim();
    return { thought: null, answer: null, malformed: fault, text, repairs: [] };
  }
  const rendered = renderReply(format, { thought, answer });
  const text = rendered.slice(prefillOf(format).trimStart().length);
  const read = parseReply(format, text, { finishReason: "stop", prefilled: true });
  return { ...read, text, repairs: [] };
}

function fromText(format: Format, whole: string, repairs: Repair[]): RepairedReply {
  const { text, ranOn } = format.startsWith("prompted-")
    ? cutAtEnd(whole)
    : { text: whole, ranOn: false };
  const prefilled = !/^\s*<think>/.test(text);
  const read = parseReply(format, text, { finishReason: "stop", prefilled });
  return { ...read, text, repairs: ranOn ? [...repairs, "run_on_text_cut"] : repairs };
}

/** The text up to its first `</response>`, and whether anything to be seen followed. */
function cutAtEnd(text: string): { text: string; ranOn: boolean } {
  const end = /<\/response>/.exec(text);
  if (end === null) return { text, ranOn: false };
  const at = end.index + end[0].length;
  return { text: text.slice(0, at), ranOn: text.slice(at).trim() !== "" };
}

function bareThought(thought: string): string {
  return without(thought, "<think>", "</think>");
}

/** The text without an opening tag at its beginning and a closing one at its end, where they stand. */
function without(text: string, open: string, close: string): string {
  const head = text.trimStart();
  const rest = head.startsWith(open) ? head.slice(open.length).trimStart() : text;
  const tail = rest.trimEnd();
  return tail.endsWith(close) ? tail.slice(0, -close.length).trimEnd() : rest;
}
