/** Pairs as they wait on disk, and as rows of the columns that are asked for. */
import type { Extra, Message } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/columns.ts";
import type { ExtraColumns } from "../../io/extra_columns.ts";
import type { RowForm } from "../tokens/row_form.ts";
import type { Pair } from "./pair_rules.ts";

/** TRL's explicit conversational layout: chosen and rejected hold the assistant turn alone. */
export const DPO_COLUMNS: Columns = {
  id: "string",
  source: "string",
  prompt: MESSAGES,
  chosen: MESSAGES,
  rejected: MESSAGES,
  score_chosen: "float64",
  score_rejected: "float64",
};

/** The public builder's columns: the prompt's text, and whole chats. */
export const RLMT_DPO_COLUMNS: Columns = { prompt: "string", chosen: MESSAGES, rejected: MESSAGES };

/** The prompt of a pair, and the columns that were kept of it. */
export interface PairPrompt {
  id: string;
  source: string;
  prompt: readonly Message[];
  extra?: Extra;
}

type Row = Record<string, Value>;

/** A pair as texts: what the functions below read. */
export function pairTexts({ id, source, prompt, extra }: PairPrompt, pair: Pair): string[] {
  const { chosen, rejected } = pair;
  // A malformed reply, which stands below all scores, has none.
  const scores = [chosen, rejected].map(({ score }) => score === -Infinity ? "" : String(score));
  const kept = extra === undefined ? "" : JSON.stringify(extra);
  const turns = prompt.flatMap(({ role, content }) => [role, content]);
  return [id, source, scores.join(" "), chosen.turn, rejected.turn, kept, ...turns];
}

/** A pair in the default columns and those of what was kept. */
export function pairRow(texts: readonly Uint8Array[], columns: ExtraColumns, form: RowForm): Row {
  const [id, source, scores, chosen, rejected, extra, ...turns] = texts;
  const [scoreChosen, scoreRejected] = decoder.decode(scores).split(" ").map((text) =>
    text === "" ? null : Number(text)
  );
  const kept = extra!.length === 0 ? undefined : JSON.parse(decoder.decode(extra));
  const side = (content: Uint8Array) => {
    // Most rows need no text, which their bytes would have to be made into.
    if (form.place === "inline") return [{ role: "assistant", content }];
    return form.rows([form.turn(decoder.decode(content))]);
  };
  const prompt: Row[] = [];
  for (let at = 0; at < turns.length; at += 2) {
    const role = turns[at]!, content = turns[at + 1]!;
    const isReply = form.place !== "inline" && decoder.decode(role) === "assistant";
    prompt.push(
      isReply
        ? side(content)[0]!
        : form.place === "inline"
        ? { role, content }
        : { role, content, [form.place]: null },
    );
  }
  return {
    id: id!,
    source: source!,
    prompt,
    chosen: side(chosen!),
    rejected: side(rejected!),
    score_chosen: scoreChosen!,
    score_rejected: scoreRejected!,
    ...form.values,
    ...columns.valuesOf(kept),
  };
}

/** A pair in the public builder's columns; its prompt is one user turn. */
export function rlmtRow([, , , chosen, rejected, , , prompt]: readonly Uint8Array[]): Row {
  const user = { role: "user", content: prompt! };
  return {
    prompt: prompt!,
    chosen: [user, { role: "assistant", content: chosen! }],
    rejected: [user, { role: "assistant", content: rejected! }],
  };
}

/** A pair as other programs' JSON Lines have it: the prompt's turns, and a turn on each side. */
export function exportedPair(
  texts: readonly Uint8Array[],
): { messages: Message[]; chosen: Message; rejected: Message } {
  const [, , , chosen, rejected, , ...turns] = texts.map((bytes) => decoder.decode(bytes));
  const messages: Message[] = [];
  for (let at = 0; at < turns.length; at += 2) {
    messages.push({ role: turns[at] as Message["role"], content: turns[at + 1]! });
  }
  return {
    messages,
    chosen: { role: "assistant", content: chosen! },
    rejected: { role: "assistant", content: rejected! },
  };
}

/** Whose pair it is, and what the prompt says. */
export function promptOfPair(texts: readonly Uint8Array[]): { id: string; text: string } {
  const contents = texts.slice(7).filter((_, at) => at % 2 === 0);
  return {
    id: decoder.decode(texts[0]),
    text: contents.map((bytes) => decoder.decode(bytes)).join("\n"),
  };
}

const decoder = new TextDecoder();
