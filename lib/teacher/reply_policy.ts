/** What to make of a teacher's reply: a record, another attempt, or a reject with its reason. */
import type { ChatReply, Thinking } from "../model/chat_model.ts";
import { splitInlineThought } from "../reply/inline_thought.ts";
import { parseSimulated, type SimulatedRepair } from "../reply/simulated.ts";
import { parseStructured } from "../reply/structured.ts";

/** A reply that can become a record. */
export interface ReadReply {
  thought: string | null;
  answer: string;
  repairs: SimulatedRepair[];
}

/** Why a reply cannot become a record; also the reasons in the rejects file. */
export type ReplyFault =
  /** Cut by the token limit. */
  | "length"
  /** The model thought until the token limit: there is no reply. */
  | "thought_away"
  /** Withheld by a safety filter, or refused as such by the provider. */
  | "content_filter"
  /** Withheld as a recitation of training data. */
  | "recitation"
  /** Complete, but without any text. */
  | "empty"
  /** Complete, but not of the form that was asked for. */
  | "malformed"
  /** Ended for a reason that is not known. */
  | "other";

/** What is done about a fault, as long as there are attempts left. */
export type FaultPolicy =
  /** Asking again may draw a better reply. */
  | "again"
  /** Asking again helps only with more room. */
  | "more_room"
  /** Asking again would cost and change nothing. */
  | "reject";

/** The policy for each fault. */
export const FAULT_POLICY: Record<ReplyFault, FaultPolicy> = {
  length: "more_room",
  thought_away: "more_room",
  content_filter: "reject",
  recitation: "again",
  empty: "again",
  malformed: "again",
  other: "again",
};

/** Reads a reply by how its teacher was to think: either a reply, or the fault and the rule. */
export function readTeacherReply(
  reply: ChatReply,
  thinking: Thinking,
): { read: ReadReply } | { fault: ReplyFault; rule: string } {
  const fault = faultOfFinish(reply);
  if (fault) return { fault, rule: reply.finishReasonRaw };
  const origin = { finishReason: reply.finishReason };
  const taken = thinking === "simulated" && (reply.reasoning ?? "").includes("<response>");
  if (reply.text.trim() === "" && !taken) return { fault: "empty", rule: reply.finishReasonRaw };
  if (thinking === "none") {
    return { read: { thought: null, answer: reply.text.trim(), repairs: [] } };
  }
  if (thinking === "native") {
    const split = reply.reasoning === null ? splitInlineThought(reply.text, origin) : reply;
    if (split === null) return { fault: "malformed", rule: "inline_thought" };
    if (split.text.trim() === "") return { fault: "empty", rule: reply.finishReasonRaw };
    return {
      read: { thought: split.reasoning?.trim() || null, answer: split.text.trim(), repairs: [] },
    };
  }
  if (thinking === "structured") {
    const parsed = parseStructured(reply.text, origin);
    if (parsed.answer === null) return { fault: "malformed", rule: parsed.malformed };
    return { read: { thought: parsed.thought, answer: parsed.answer, repairs: [] } };
  }
  const parsed = parseSimulated(reply.text, reply);
  if (parsed.answer === null) return { fault: "malformed", rule: parsed.malformed };
  const { thought, answer, repairs } = parsed;
  return { read: { thought, answer, repairs } };
}

function faultOfFinish(
  { finishReason, text, usage, reasoning }: ChatReply,
): ReplyFault | undefined {
  switch (finishReason) {
    case "stop":
      return undefined;
    case "length": {
      const thoughtOnly = text.trim() === "" && (usage.reasoning_tokens > 0 || reasoning !== null);
      return thoughtOnly ? "thought_away" : "length";
    }
    default:
      return finishReason;
  }
}
