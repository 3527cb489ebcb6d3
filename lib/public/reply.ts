/**
 * Reply formats and chat templates: the only code that knows a tag.
 *
 * @module
 */
export {
  type ChatTemplate,
  loadChatTemplate,
  type LoadChatTemplateOptions,
} from "../reply/chat_template.ts";
export {
  faultOf,
  hasThought,
  type PartFault,
  prefillFor,
  prefillOf,
  renderReply,
  type ReplyParts,
  stopsOf,
} from "../reply/format.ts";
export { MALFORMED, MALFORMED_REASONS, type MalformedReason } from "../reply/malformed.ts";
export { type ParsedReply, parseReply, type ReplyOrigin } from "../reply/parse_reply.ts";
export type { ChatMessage } from "../reply/turn_parts.ts";
export { faultPlace, type Place } from "../reply/fault_place.ts";
export { splitInlineThought } from "../reply/inline_thought.ts";
export {
  PROMPTED_FORMS,
  type PromptedForm,
  promptedFormat,
  promptedTemplate,
} from "../reply/prompted_template.ts";
export {
  type ParsedSimulated,
  parseSimulated,
  SIMULATED_REPAIRS,
  type SimulatedRepair,
} from "../reply/simulated.ts";
export { parseStructured } from "../reply/structured.ts";
export type { Thinking } from "../model/chat_model.ts";
export type { Answer } from "../core/answer.ts";
export { instructed } from "../model/call/instruction.ts";
export { languageOf } from "../teacher/language.ts";
export {
  lintThought,
  THOUGHT_FLAGS,
  type ThoughtFlag,
  type ThoughtParts,
} from "../teacher/lint.ts";
export type { FinishReason, Format, Message, Role, Variant } from "./types.ts";
