/** Chosen pairs on disk until the permutation is known, and their rows as columns want them. */
import type { Extra, Message } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/columns.ts";
import type { ExtraColumns } from "../../io/extra_columns.ts";
import type { RowForm } from "../tokens/row_form.ts";
import { RowSpool } from "../../io/row_spool.ts";

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

/** A pair as it is to be written. */
export interface PairRow {
  id: string;
  source: string;
  prompt: readonly Message[];
  chosen: string;
  rejected: string;
  /** Null for a malformed reply, which has none. */
  scoreChosen: number | null;
  scoreRejected: number | null;
  /** The columns that were kept. */
  extra?: Extra;
}

type Row = Record<string, Value>;

/** Keeps pairs by number; a few bytes of memory each. A row's texts stay until the next is read. */
export class PairSpool {
  readonly #spool: RowSpool;

  constructor(path: string) {
    this.#spool = new RowSpool(path);
  }
  get length(): number {
    return this.#spool.length;
  }
  append(row: PairRow): void {
    const scores = `${row.scoreChosen} ${row.scoreRejected}`;
    const extra = row.extra === undefined ? "" : JSON.stringify(row.extra);
    const texts = [row.id, row.source, scores, row.chosen, row.rejected, extra];
    for (const { role, content } of row.prompt) texts.push(role, content);
    this.#spool.append(texts);
  }
  /** A pair in the default columns and those of what was kept. */
  row(index: number, columns: ExtraColumns, form: RowForm): Row {
    const [id, source, scores, chosen, rejected, extra, ...turns] = this.#spool.read(index);
    const [scoreChosen, scoreRejected] = decoder.decode(scores).split(" ").map((text) =>
      text === "null" ? null : Number(text)
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
  rlmtRow(index: number): Row {
    const [, , , chosen, rejected, , , prompt] = this.#spool.read(index);
    const user = { role: "user", content: prompt! };
    return {
      prompt: prompt!,
      chosen: [user, { role: "assistant", content: chosen! }],
      rejected: [user, { role: "assistant", content: rejected! }],
    };
  }
  /** A pair as other programs' JSON Lines have it: the prompt's turns, and a turn on each side. */
  exportRow(index: number): { messages: Message[]; chosen: Message; rejected: Message } {
    const texts = this.#spool.read(index).map((bytes) => decoder.decode(bytes));
    const [, , , chosen, rejected, , ...turns] = texts;
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
  close(): void {
    this.#spool.close();
  }
}

const decoder = new TextDecoder();
