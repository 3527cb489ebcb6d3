/** A quick yes for sound scored records, so that the slower schema is asked only about the others. */
import { FinishReason, Format, Role, type ScoredRecord } from "../../core/records.ts";

const roles = new Set<unknown>(Role.options);
const formats = new Set<unknown>(Format.options);
const finishReasons = new Set<unknown>(FinishReason.options);

const recordFields = new Set(
  ["id", "source", "prompt", "format", "model", "responses", "reward_model", "extra", "key"],
);
const replyFields = new Set([
  "index",
  "text",
  "thought",
  "answer",
  "malformed",
  "finish_reason",
  "completion_tokens",
  "model",
  "score",
  "scores",
  "truncated",
  "unread",
  "reasons",
]);

/**
 * Whether a row is certainly a scored record by the schema `ScoredRecord`. Records of millions of
 * characters are checked in microseconds; a `false` says nothing: the schema then decides.
 */
export function isScoredRecord(row: Record<string, unknown>): row is ScoredRecord {
  const { id, source, prompt, format, model, responses, reward_model, extra, key } = row;
  return typeof id === "string" && id !== "" && typeof source === "string" &&
    typeof model === "string" && typeof reward_model === "string" && formats.has(format) &&
    (key === undefined || typeof key === "string") &&
    (extra === undefined || isObject(extra)) &&
    Array.isArray(prompt) && prompt.length > 0 && prompt.every(isMessage) &&
    Array.isArray(responses) && responses.every(isScoredReply) && hasOnly(row, recordFields);
}

function isMessage(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { role, content } = value;
  return roles.has(role) && typeof content === "string" && Object.keys(value).length === 2;
}

function isScoredReply(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { index, text, thought, answer, malformed, finish_reason, completion_tokens } = value;
  return isCount(index) && isCount(completion_tokens) && typeof text === "string" &&
    isTextOrNull(thought) && isTextOrNull(answer) && isTextOrNull(malformed) &&
    (answer === null) !== (malformed === null) && finishReasons.has(finish_reason) &&
    isScore(value.score) && isScores(value.scores) &&
    (value.model === undefined || typeof value.model === "string") &&
    (value.truncated === undefined || typeof value.truncated === "boolean") &&
    isWords(value.unread) && isWords(value.reasons) && hasOnly(value, replyFields);
}

/** The schema drops fields that it does not know, so a row with one is left to it. */
function hasOnly(value: object, fields: ReadonlySet<string>): boolean {
  return Object.keys(value).every((field) => fields.has(field));
}

function isScores(value: unknown): boolean {
  return value === undefined || (isObject(value) && Object.values(value).every(isScore));
}

function isWords(value: unknown): boolean {
  return value === undefined ||
    (isObject(value) && Object.values(value).every((each) => typeof each === "string"));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

function isScore(value: unknown): boolean {
  return value === null || (typeof value === "number" && Number.isFinite(value));
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
