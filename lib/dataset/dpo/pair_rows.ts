/** Pairs as they wait on disk, and as rows of the columns that are asked for. */
import type { Message, Tools } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/write/columns.ts";
import { needsJson } from "../../io/write/message_values.ts";
import type { RowForm } from "../tokens/row_form.ts";
import type { ExportedPair } from "../export/export_rows.ts";
import type { Candidate, Pair } from "./pair_rules.ts";

/** TRL's explicit conversational layout: chosen and rejected hold the assistant turn alone. */
const DPO_COLUMNS: Columns = {
  id: "string",
  source: "string",
  prompt: MESSAGES,
  chosen: MESSAGES,
  rejected: MESSAGES,
  score_chosen: "float64",
  score_rejected: "float64",
};

/** The public builder's columns: the prompt's text, and whole chats. */
const RLMT_DPO_COLUMNS: Columns = { prompt: "string", chosen: MESSAGES, rejected: MESSAGES };

/** The prompt of a pair. */
export interface PairPrompt {
  id: string;
  source: string;
  prompt: readonly Message[];
  tools?: Tools;
}

type Row = Record<string, Value>;

/** How the pairs of a dataset are written as rows. */
export interface PairForm {
  columns: Columns;
  row(texts: readonly Uint8Array[]): Row;
}

/** The public builder's columns with `compat`, else the default ones in the form. */
export function pairForm(form: RowForm, compat?: "rlmt"): PairForm {
  if (compat !== undefined) return { columns: RLMT_DPO_COLUMNS, row: rlmtRow };
  const { messages } = form;
  const turns = { prompt: messages, chosen: messages, rejected: messages };
  return {
    columns: { ...DPO_COLUMNS, ...turns, ...form.columns },
    row: (texts) => pairRow(texts, form),
  };
}

/** A pair as texts: what the functions below read; `replies` are those to be ranked. */
export function pairTexts(
  prompt: PairPrompt,
  { chosen, rejected }: Pair,
  replies: readonly Candidate[] = [],
): string[] {
  const { id, source, prompt: messages, tools } = prompt;
  // A malformed reply, which stands below all scores, has none.
  const scores = [chosen, rejected].map(({ score }) => score === -Infinity ? "" : String(score));
  const ranked = replies.filter(({ score }) => score > -Infinity)
    .sort((a, b) => b.score - a.score).map(({ turn, score }) => ({ content: turn, score }));
  const order = ranked.length === 0 ? "" : JSON.stringify(ranked);
  const head = [id, source, scores.join(" "), chosen.turn, rejected.turn, order];
  if (needsJson({ messages, tools })) return [...head, JSON.stringify({ messages, tools })];
  return [...head, "", ...messages.flatMap(({ role, content }) => [role, content])];
}

/** A pair in the default columns. */
function pairRow(texts: readonly Uint8Array[], form: RowForm): Row {
  const [id, source, scores] = texts;
  const [scoreChosen, scoreRejected] = scoresIn(decoder.decode(scores));
  const { tools, ...turns } = form.messages === MESSAGES
    ? plainTurns(texts)
    : formedTurns(texts, form);
  return {
    id: id!,
    source: source!,
    ...turns,
    score_chosen: scoreChosen!,
    score_rejected: scoreRejected!,
    ...form.values(tools),
  };
}

/** Roles and texts alone: most rows need no text, which their bytes would have to be made into. */
function plainTurns([, , , chosen, rejected, , , ...turns]: readonly Uint8Array[]) {
  const prompt: Row[] = [];
  for (let at = 0; at < turns.length; at += 2) {
    prompt.push({ role: turns[at]!, content: turns[at + 1]! });
  }
  const side = (content: Uint8Array) => [{ role: "assistant", content }];
  return { prompt, chosen: side(chosen!), rejected: side(rejected!), tools: undefined };
}

function formedTurns(texts: readonly Uint8Array[], form: RowForm) {
  const { prompt, chosen, rejected, tools } = exportedPair(texts);
  const rows = (turns: readonly Message[]) => form.rows(turns.map(form.message));
  return { prompt: rows(prompt), chosen: rows([chosen]), rejected: rows([rejected]), tools };
}

/** A pair in the public builder's columns; its prompt is one user turn. */
function rlmtRow([, , , chosen, rejected, , , , prompt]: readonly Uint8Array[]): Row {
  const user = { role: "user", content: prompt! };
  return {
    prompt: prompt!,
    chosen: [user, { role: "assistant", content: chosen! }],
    rejected: [user, { role: "assistant", content: rejected! }],
  };
}

/** A pair's turns, thoughts in tags, and its scores. */
export function exportedPair(texts: readonly Uint8Array[]): ExportedPair {
  const [, , scores, chosen, rejected, order, json, ...turns] = texts.map((bytes) =>
    decoder.decode(bytes)
  );
  const { messages, tools }: { messages: Message[]; tools?: Tools } = json === ""
    ? { messages: [] }
    : JSON.parse(json!);
  for (let at = 0; at < turns.length; at += 2) {
    messages.push({ role: turns[at] as Message["role"], content: turns[at + 1]! });
  }
  return {
    prompt: messages,
    tools,
    chosen: { role: "assistant", content: chosen! },
    rejected: { role: "assistant", content: rejected! },
    scores: scoresIn(scores!),
    ...(order === "" ? {} : { ranked: JSON.parse(order!) }),
  };
}

function scoresIn(text: string): [number | null, number | null] {
  const [chosen, rejected] = text.split(" ").map((score) => score === "" ? null : Number(score));
  return [chosen!, rejected!];
}

/** Whose pair it is, and what the prompt says. */
export function promptOfPair(texts: readonly Uint8Array[]): { id: string; text: string } {
  const { prompt } = exportedPair(texts);
  return { id: decoder.decode(texts[0]), text: prompt.map(({ content }) => content).join("\n") };
}

const decoder = new TextDecoder();
