/** From prompts with their replies to the columns that the page filters and draws. */
import { hash64 } from "../core/hash64.ts";
import { IdTable } from "../run/id_table.ts";
import { mean, spearman } from "../view/statistics.ts";
import { ColumnBuilder } from "./column_builder.ts";
import type { ColumnInfo, ExplorerData } from "./columns.ts";
import type { Group, Kept } from "./group.ts";
import { lengthControlled } from "./length_control.ts";
import type { Pairing } from "./pairing.ts";
import { SIGNS, signsOf } from "./signs.ts";

type Of = ColumnInfo["of"];
const number = (of: Of, name: string, label: string, unit?: string): ColumnInfo => (
  { name, label, of, kind: "number", unit }
);
const category = (of: Of, name: string, label: string): ColumnInfo => (
  { name, label, of, kind: "category" }
);

/** Columns that every input has, where it has values for them. `by` is the score pairs go by. */
const columnsBy = (by: string) => [
  number("reply", "reward", "reward"),
  number("reply", "answer_length", "answer length", "characters"),
  number("reply", "thought_length", "thought length", "characters"),
  number("reply", "tokens", "tokens", "tokens"),
  category("reply", "role", "in the pair"),
  category("reply", "signs", "signs"),
  category("reply", "malformed", "malformed"),
  category("reply", "finish", "ended by"),
  category("reply", "model", "policy"),
  number("reply", "by", `pair score: ${by}`),
  number("prompt", "margin", "margin of the pair"),
  number("prompt", "spread", "spread within prompt"),
  number("prompt", "best", "best reward"),
  number("prompt", "worst", "worst reward"),
  number("prompt", "mean", "mean reward"),
  number("prompt", "length_correlation", "reward follows length", "Spearman, by prompt"),
  number("prompt", "malformed_share", "malformed share"),
  number("prompt", "prompt_length", "prompt length", "characters"),
  number("prompt", "scored", "scored replies"),
  category("prompt", "run", "run"),
  category("prompt", "source", "source"),
  category("prompt", "pairs", "pair"),
];

/** Kept columns beyond these are left out, and a remark says so. */
const MOST_KEPT = 12;

/** A group whose pair is known, and the scores that it went by where those are not the rewards. */
export type PairedGroup = Group & { pairing: Pairing; by: readonly (number | null)[] };

/** Takes prompts one by one. */
export class GroupColumns {
  prompts = 0;
  replies = 0;
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #first: number[] = [0];
  readonly #ids = new IdTable();
  readonly #keys: number[] = [];
  readonly #rewardModels = new Set<string>();
  readonly #notes = new Set<string>();
  #kept = 0;

  /** `by` says which score pairs go by. */
  constructor(by: string) {
    for (const info of columnsBy(by)) this.#columns.set(info.name, new ColumnBuilder(info));
  }

  /** Adds a prompt; gives each reply's place in its pair. */
  add({ record, extra, pairing, by }: PairedGroup, run: string): (string | null)[] {
    const { prompt, responses, source } = record;
    const chosen = new Set(pairing.pairs.map((pair) => pair.chosen));
    const rejected = new Set(pairing.pairs.map((pair) => pair.rejected));
    const signs = signsOf(prompt, responses);
    const roles: (string | null)[] = [];
    const scores: number[] = [], lengths: number[] = [];
    responses.forEach((reply, at) => {
      const row = this.replies++;
      const role = chosen.has(reply.index)
        ? "chosen"
        : rejected.has(reply.index)
        ? "rejected"
        : null;
      roles.push(role);
      this.#set("reward", row, reply.score);
      this.#set("by", row, by[at]);
      for (const [name, score] of Object.entries(reply.scores ?? {})) this.#score(name, row, score);
      this.#set("answer_length", row, reply.answer?.length);
      this.#set("thought_length", row, reply.thought?.length);
      if (reply.completion_tokens > 0) this.#set("tokens", row, reply.completion_tokens);
      this.#set("role", row, role);
      if (signs[at]!.length > 0) {
        this.#set("signs", row, signs[at]!.map((sign) => SIGNS[sign]).join(" + "));
      }
      this.#set("malformed", row, reply.malformed);
      this.#set("finish", row, reply.finish_reason);
      this.#set("model", row, (reply as { model?: string }).model ?? (record.model || null));
      if (reply.score === null || reply.answer === null) return;
      scores.push(reply.score);
      lengths.push(reply.answer.length);
    });
    if (record.reward_model !== "") this.#rewardModels.add(record.reward_model);
    this.#prompt({ scores, lengths, pairing });
    const row = this.prompts++;
    const bad = responses.filter(({ malformed }) => malformed !== null).length;
    this.#set("malformed_share", row, responses.length === 0 ? null : bad / responses.length);
    this.#set("prompt_length", row, prompt.reduce((sum, { content }) => sum + content.length, 0));
    this.#set("run", row, run);
    this.#set("source", row, source);
    for (const [name, value] of Object.entries(extra)) this.#keep(name, row, value);
    this.#first.push(this.replies);
    this.#keys.push(this.#ids.row(hash64(record.id)).row);
    return roles;
  }

  /** The columns that hold something. */
  build(): Omit<ExplorerData, "title" | "runs" | "pairing" | "trainer"> {
    const columns = [...this.#columns.values()].filter((column) => {
      if (column.overflown) this.#notes.add(`${column.info.label}: too many values to list`);
      return !column.overflown;
    }).map((column) => column.build(column.info.of === "prompt" ? this.prompts : this.replies));
    const first = Uint32Array.from(this.#first);
    const controlled = lengthControlled({ first, columns });
    if (controlled !== null) columns.splice(1, 0, controlled);
    return {
      columns: columns.filter(({ data, kind }) =>
        kind === "number" ? data.some((value) => !Number.isNaN(value)) : data.some(Boolean)
      ),
      first,
      keys: Uint32Array.from(this.#keys),
      rewardModels: [...this.#rewardModels],
      notes: [...this.#notes],
    };
  }

  #prompt(
    { scores, lengths, pairing }: { scores: number[]; lengths: number[]; pairing: Pairing },
  ): void {
    const row = this.prompts;
    this.#set("scored", row, scores.length);
    const [pair] = pairing.pairs;
    this.#set("margin", row, pair?.margin);
    this.#set("pairs", row, pairing.reason ?? (pair === undefined ? null : "paired"));
    if (scores.length === 0) return;
    const best = Math.max(...scores), worst = Math.min(...scores);
    this.#set("best", row, best);
    this.#set("worst", row, worst);
    this.#set("mean", row, mean(scores));
    if (scores.length < 2) return;
    this.#set("spread", row, best - worst);
    // Fewer than four different ones say little of an order.
    if (new Set(lengths).size >= 4) this.#set("length_correlation", row, spearman(lengths, scores));
  }

  #score(name: string, row: number, score: number | null): void {
    this.#builder(number("reply", `score:${name}`, `reward by ${name}`)).set(row, score);
  }

  #keep(name: string, row: number, value: Kept): void {
    const key = `extra:${name}`;
    if (!this.#columns.has(key) && ++this.#kept > MOST_KEPT) {
      this.#notes.add(`${name}: a kept column beyond ${MOST_KEPT} is not shown`);
      return;
    }
    const column = this.#builder(
      (typeof value === "number" ? number : category)("prompt", key, name),
    );
    if (column.info.kind === "number" && typeof value !== "number") return;
    column.set(row, column.info.kind === "category" ? String(value).slice(0, 200) : value);
  }

  #builder(info: ColumnInfo): ColumnBuilder {
    let column = this.#columns.get(info.name);
    if (column === undefined) this.#columns.set(info.name, column = new ColumnBuilder(info));
    return column;
  }

  #set(name: string, row: number, value: number | string | null | undefined): void {
    this.#columns.get(name)!.set(row, value);
  }
}
