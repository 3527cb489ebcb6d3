/** Rows of datasets for training, in the shapes that trainers read. */
import type { ChatMessage } from "../reply/turn_parts.ts";

/** A chat whose assistant turns are learnt, all of it or what stands after a prompt. */
interface Common {
  id: string;
  /** File and row. */
  where: string;
  tools: unknown[] | null;
  /** Variables of the chat template that the row itself asks for. */
  templateVariables: Record<string, unknown>;
  /** verl's column. */
  enableThinking: boolean | null;
}

/** Text, or turns. */
export type Side = string | ChatMessage[];

export type TrainingRow =
  & Common
  & (
    | { kind: "messages"; messages: ChatMessage[] }
    | { kind: "text"; text: string }
    | { kind: "completion"; prompt: Side; completion: Side }
    | { kind: "pair"; prompt: Side; chosen: Side; rejected: Side }
  );

/** Takes a row as it was read, or says why it is none. */
export function trainingRow(row: unknown, where: string): TrainingRow | string {
  if (row === null || typeof row !== "object") return "not an object";
  const fields = row as Record<string, unknown>;
  const tools = toolsOf(fields.tools);
  if (tools === undefined) return "tools: must be a list, or its JSON";
  const common: Common = {
    id: typeof fields.id === "string" ? fields.id : where,
    where,
    tools,
    templateVariables: variablesOf(fields.chat_template_kwargs),
    enableThinking: typeof fields.enable_thinking === "boolean" ? fields.enable_thinking : null,
  };
  const prompt = sideOf(fields.prompt);
  if (prompt !== null) {
    const chosen = sideOf(fields.chosen), rejected = sideOf(fields.rejected);
    if (chosen !== null && rejected !== null) {
      return { ...common, kind: "pair", prompt, chosen, rejected };
    }
    const completion = sideOf(fields.completion);
    if (completion !== null) return { ...common, kind: "completion", prompt, completion };
  }
  const messages = sideOf(fields.messages);
  if (Array.isArray(messages)) {
    const pair = exportedPair(messages, fields);
    return pair === null ? { ...common, kind: "messages", messages } : { ...common, ...pair };
  }
  if (typeof fields.text === "string") return { ...common, kind: "text", text: fields.text };
  return "no messages, no prompt with completion or with chosen and rejected, no text";
}

/** Pairs as axolotl and LLaMA-Factory have them (a turn a side), and as ms-swift has them. */
function exportedPair(
  messages: ChatMessage[],
  { chosen, rejected, rejected_response }: Record<string, unknown>,
): { kind: "pair"; prompt: Side; chosen: Side; rejected: Side } | null {
  const [better, worse] = [chosen, rejected].map((turn) => sideOf([turn]));
  if (better && worse) return { kind: "pair", prompt: messages, chosen: better, rejected: worse };
  if (typeof rejected_response !== "string") return null;
  const other = [{ role: "assistant", content: rejected_response }];
  const prompt = messages.slice(0, -1);
  return { kind: "pair", prompt, chosen: messages.slice(-1), rejected: other };
}

/** The turns of a row, where it has turns. */
export function turnsOf(row: TrainingRow): ChatMessage[] | null {
  if (row.kind === "messages") return row.messages;
  if (row.kind === "completion" && Array.isArray(row.prompt) && Array.isArray(row.completion)) {
    return [...row.prompt, ...row.completion];
  }
  return null;
}

function sideOf(value: unknown): Side | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  const isTurn = (turn: unknown) =>
    turn !== null && typeof turn === "object" &&
    typeof (turn as { role?: unknown }).role === "string";
  return value.length > 0 && value.every(isTurn) ? value as ChatMessage[] : null;
}

/** A struct column has every field in each row, null where a row has none. */
function variablesOf(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
  return { ...value };
}

function toolsOf(value: unknown): unknown[] | null | undefined {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed === null ? null : Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
