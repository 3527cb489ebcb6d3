/** The columns of the input's rows that the user wants carried along. */
import type { Json } from "../../core/canonical.ts";
import { InputError } from "../../core/errors.ts";
import type { Extra } from "../../core/records.ts";
import { columnsOf } from "../rows/columns_of.ts";
import { type InputPaths, wordsOf } from "../inputs/input_files.ts";
import type { Row } from "../rows/read_rows.ts";

/** Picks columns from rows; a name that no row has is an error at the input's end. */
export class KeptColumns {
  readonly #names: readonly string[];
  readonly #missing: Set<string>;
  #columns: string[] = [];

  constructor(names: readonly string[] = []) {
    this.#names = names;
    this.#missing = new Set(names);
  }

  /**
   * `{ extra }` with the row's values, null where it lacks one; a record's own `extra` is looked
   * into as well. Nothing where no column is kept.
   */
  of({ row, where }: Row): { extra?: Extra } {
    if (this.#names.length === 0) return {};
    const fields = (row ?? {}) as Record<string, unknown>, own = extraOf(fields, where);
    if (this.#columns.length === 0) this.#columns = Object.keys({ ...fields, ...own });
    const extra: Extra = {};
    for (const name of this.#names) {
      const place = Object.hasOwn(fields, name) ? fields : own;
      const isThere = Object.hasOwn(place, name);
      if (isThere) this.#missing.delete(name);
      extra[name] = isThere ? cellOf(place[name], `${where}: ${name}`) : null;
    }
    return { extra };
  }

  /** As {@link of}, beside all of a record's own `extra`. */
  ofRecord(row: Row): { extra?: Extra } {
    const own = extraOf((row.row ?? {}) as Record<string, unknown>, row.where);
    const { extra } = this.of(row);
    if (extra === undefined && Object.keys(own).length === 0) return {};
    return { extra: { ...own, ...extra } };
  }

  /** @throws {InputError} naming the column that no row had, and the columns of the first row. */
  end(paths: InputPaths): void {
    const [missing] = this.#missing;
    if (missing === undefined) return;
    throw new InputError(
      `${wordsOf(paths)}: no row has the column ${missing} (--keep, --label-key); ${
        columnsOf(this.#columns)
      }`,
    );
  }
}

function cellOf(value: unknown, place: string): Json {
  try {
    return jsonOf(value);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${place}: ${error.message}`) : error;
  }
}

/** A record that is read again brings its own along. */
function extraOf({ extra }: Record<string, unknown>, where: string): Extra {
  const isObject = typeof extra === "object" && extra !== null && !Array.isArray(extra);
  return isObject ? cellOf(extra, `${where}: extra`) as Extra : {};
}

/** Lists within lists, and objects, of a kept cell: functions that call themselves have an end. */
const MOST_DEEP = 200;

/**
 * A cell as JSON holds it: whole numbers beyond 2^53 become text, dates ISO 8601, numbers that are
 * not finite and bytes null.
 *
 * @throws {InputError} where it is nested too deeply.
 */
export function jsonOf(value: unknown, depth = 0): Json {
  if (value === null || value === undefined || value instanceof Uint8Array) return null;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (typeof value !== "object") return null;
  if (depth >= MOST_DEEP) throw new InputError(`must not be nested more than ${MOST_DEEP} deep`);
  if (Array.isArray(value)) return value.map((each) => jsonOf(each, depth + 1));
  const fields = Object.entries(value).map(([name, each]) => [name, jsonOf(each, depth + 1)]);
  return Object.fromEntries(fields);
}
