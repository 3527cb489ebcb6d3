/**
 * What a teacher writes when it was asked for a plan in `<think>` tags and a reply in `<response>`
 * tags: the `prompted-think` format, read strictly, with a few repairs that are told.
 */
import type { FinishReason } from "../core/records.ts";
import { renderReply, type ReplyParts } from "./format.ts";
import { type ParsedReply, parseReply } from "./parse_reply.ts";

/** What was put right to read a complete reply. */
export const SIMULATED_REPAIRS = [
  /** No `</think>`: the thought ends where `<response>` begins. */
  "added_think_end",
  /** No `</response>`: the answer ends with the text. */
  "added_response_end",
  /** The server had taken the thought out of the text: it is put back in its place. */
  "put_back_thought",
] as const;
/** What was put right in a reply, by name. */
export type SimulatedRepair = (typeof SIMULATED_REPAIRS)[number];

/** The two tags, for words about them: an instruction, a report. */
export const SIMULATED_TAGS = { thought: "<think>", answer: "<response>" } as const;

/** A teacher's text taken apart. */
export type ParsedSimulated = ParsedReply & { repairs: SimulatedRepair[] };

/**
 * Reads a teacher's simulated thinking. A text that breaks the format is malformed, but for two
 * missing tags whose place is beyond doubt; they are put in only where the finish reason says that
 * the reply is complete, and each is named in `repairs`.
 *
 * @param origin.reasoning what the server gave beside the text. LiteLLM's proxy, and vLLM and SGLang
 * with a reasoning parser, take `<think>` out of the text into `reasoning_content`; where the text
 * has no thought, it is put back.
 *
 * @example
 * ```ts
 * import { parseSimulated } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const reply = parseSimulated("<think>Greet.<response>Hello!", { finishReason: "stop" });
 * assert.deepEqual(reply.repairs, ["added_think_end", "added_response_end"]);
 * assert.equal(reply.answer, "Hello!");
 * ```
 */
export function parseSimulated(
  text: string,
  { reasoning, finishReason }: { finishReason: FinishReason; reasoning?: string | null },
): ParsedSimulated {
  const whole = reasoning && !text.includes("<think>") ? putBack(text, reasoning) : text;
  const parsed = parseTagged(whole, { finishReason });
  if (whole === text || parsed.malformed !== null) return parsed;
  return { ...parsed, repairs: ["put_back_thought", ...parsed.repairs] };
}

/** The text as it was before a server took the thought out. */
function putBack(text: string, reasoning: string): string {
  const thought = reasoning.includes("<think>") ? reasoning : `<think>${reasoning}`;
  // A thought that was never closed took the answer along.
  return thought.includes("<response>") ? thought + text : `${thought}</think>${text}`;
}

function parseTagged(text: string, origin: { finishReason: FinishReason }): ParsedSimulated {
  const strict = parseReply("prompted-think", text, origin);
  if (strict.malformed !== "missing_tag") return { ...strict, repairs: [] };
  const repairs: SimulatedRepair[] = [];
  let repaired = text;
  if (!text.includes("</think>")) {
    repaired = repaired.replace("<response>", () => "</think><response>");
    repairs.push("added_think_end");
  }
  if (!text.includes("</response>")) {
    repaired += "</response>";
    repairs.push("added_response_end");
  }
  const reply = parseReply("prompted-think", repaired, origin);
  return reply.malformed === null ? { ...reply, repairs } : { ...strict, repairs: [] };
}

/** The text that `parseSimulated` reads back as these parts; throws `InputError` as `renderReply`. */
export function renderSimulated(reply: ReplyParts): string {
  return renderReply("prompted-think", reply);
}

/** A tag of the simulated form, with anything a model may put into one. */
const tagLike = /<(?:\s*\/)?\s*(?:think|thinking|thought|response|answer)\b[^>]{0,40}>/i;

/** Whether a text holds something that looks like a tag of a reply format, however written. */
export function mentionsTags(text: string): boolean {
  return tagLike.test(text);
}
