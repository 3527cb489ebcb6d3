/** Rows that are no prompt or no record: rejects of the run, not its end. */
import { type Json, sha256, shortHash } from "../../core/canonical.ts";
import { InputError } from "../../core/errors.ts";
import type { Row } from "./read_rows.ts";

/** A row that cannot be taken, under an id that it keeps as long as it does not change. */
export interface BadRow {
  /** The row's own id where it has one, else 16 hex digits over what the row holds. */
  id: string;
  where: string;
  fault: { reason: "bad_row" | "id_conflict"; detail: string };
}

/** Whether an item is a row that cannot be taken. */
export function isBadRow(item: object): item is BadRow {
  return "fault" in item;
}

/**
 * What `make` makes of a row, or the bad row where it throws an `InputError`: `make` reads this row
 * and nothing else, so the error is the row's.
 */
export function orBadRow<T>(located: Row, make: () => T): T | BadRow {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { where } = located;
    return { id: idOf(located), where, fault: { reason: "bad_row", detail: error.message } };
  }
}

/** The id under which a row is rejected whose own stands in an earlier row with other content. */
export function conflictId(id: string, content: Json): string {
  return shortHash({ conflict: id, content });
}

function idOf({ row, text, where }: Row): string {
  if (text !== undefined) return sha256(text).slice(0, 16);
  const own = typeof row === "object" && row !== null && "id" in row ? row.id : undefined;
  if (typeof own === "string" && own !== "") return own;
  if (typeof own === "number" || typeof own === "bigint") return String(own);
  return sha256(plainText(row) ?? where).slice(0, 16);
}

/** A row's text; undefined where it is nested too deeply to have one. */
function plainText(row: unknown): string | undefined {
  try {
    // Rows from Parquet may hold big integers, which JSON has not.
    return JSON.stringify(row, (_, value) => typeof value === "bigint" ? `${value}n` : value) ?? "";
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** How many of the rules that bad rows break a message names, each with its first row. */
const NAMED = 3;

/** Counts bad rows, and says when they are too many. */
export class BadRows {
  #bad = 0;
  readonly #first = new Map<string, string>();

  /** `most` is the share of all rows that may be bad, from 0 to 1. */
  constructor(readonly path: string, readonly most: number) {}

  get count(): number {
    return this.#bad;
  }

  /** Counts one; the detail names its place and the rule. */
  add({ where, fault: { detail } }: Pick<BadRow, "where" | "fault">): void {
    this.#bad++;
    const rule = detail.replace(where, "");
    if (this.#first.size < NAMED && !this.#first.has(rule)) this.#first.set(rule, detail);
  }

  /** @throws {InputError} naming the first ones, where more than the share of `rows` are bad. */
  check(rows: number): void {
    if (this.#bad <= this.most * rows) return;
    const share = `${Number((100 * this.#bad / rows).toPrecision(2))}%`;
    const first = [...this.#first.values()], left = this.#bad - first.length;
    const more = left > 0 ? `; … ${left} more` : "";
    throw new InputError(
      `${this.path}: ${this.#bad} of ${rows} rows cannot be taken (${share}; --max-bad-rows ` +
        `${this.most} allows less): ${first.join("; ")}${more}`,
    );
  }
}
