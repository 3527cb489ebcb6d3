/** What a model is told beside the prompt, so that it plans before it replies. */
import type { Message } from "../../core/records.ts";
import type { Thinking } from "../chat_model.ts";
import { renderSimulated, SIMULATED_TAGS } from "../../reply/simulated.ts";

const PLAN = [
  "Before you reply to the message above, plan the reply in detail.",
  "Work out what the user is after and why, what the reply has to contain and what it had better " +
  "leave out, which facts and numbers matter and whether they hold, and what order, length and " +
  "tone suit this user. Try out hard parts in the plan, weigh other ways, and correct yourself " +
  "where needed.",
  "Write the plan as your own train of thought about the user's message, in the language of that " +
  "message. It must not mention that somebody asked for a plan, these directions, or the form in " +
  "which you write.",
  "Then write the reply itself: complete, in the language the user expects, and understandable to " +
  "somebody who never sees the plan. It must not refer to the plan.",
].join("\n\n");

const SIMULATED = `${PLAN}

Put the plan into ${SIMULATED_TAGS.thought} tags and then the reply into ${SIMULATED_TAGS.answer} tags, \
each tag written once, and nothing before, between or after them:

${renderSimulated({ thought: "the plan", answer: "the reply" })}`;

const STRUCTURED = `${PLAN}

Give the plan in the field "plan" and the reply in the field "reply".`;

/**
 * The prompt as a teacher gets it: for simulated and structured thinking, the instruction stands
 * below the last user message, after an empty line; all else is as it was. A prompt that does not
 * end with a user message gets the instruction as a user message of its own.
 *
 * @example
 * ```ts
 * import { instructed } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const [message] = instructed([{ role: "user", content: "Hi" }], "simulated");
 * assert.ok(message!.content.startsWith("Hi\n\n"));
 * assert.deepEqual(instructed([{ role: "user", content: "Hi" }], "none"), [
 *   { role: "user", content: "Hi" },
 * ]);
 * ```
 */
export function instructed(messages: readonly Message[], thinking: Thinking): Message[] {
  if (thinking !== "simulated" && thinking !== "structured") return [...messages];
  const instruction = thinking === "simulated" ? SIMULATED : STRUCTURED;
  const last = messages.at(-1);
  if (last?.role !== "user") return [...messages, { role: "user", content: instruction }];
  return [...messages.slice(0, -1), { role: "user", content: `${last.content}\n\n${instruction}` }];
}

/** The instruction's text, for fingerprints: other words make other replies. */
export function instructionOf(thinking: Thinking): string {
  return thinking === "simulated" ? SIMULATED : thinking === "structured" ? STRUCTURED : "";
}
