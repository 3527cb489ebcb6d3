/** Kept columns as typed columns: their types are found by looking at every value. */
import { InputError } from "../../core/errors.ts";
import type { Extra } from "../../core/records.ts";
import type { Columns, ColumnType, Value } from "./columns.ts";

/** A type as far as it is known: null where every value so far was null. */
type Found = null | "string" | "float64" | "int64" | "bool" | { list: Found } | {
  struct: Map<string, Found>;
};

/** Takes the `extra` of records, then gives their columns. */
export class ExtraColumns {
  readonly #found = new Map<string, Found>();
  #types: [from: string, column: string, type: ColumnType][] | undefined;

  /** Looks at a record's values. */
  add(extra: Extra | undefined): void {
    for (const [name, value] of Object.entries(extra ?? {})) {
      this.#found.set(name, merged(this.#found.get(name) ?? null, typeOf(value)));
    }
  }

  /**
   * The columns, in the order in which they were first seen. One whose name is `taken` gets `extra_`
   * before it; values of several kinds are JSON text.
   */
  columns(taken: Columns | readonly string[]): Columns {
    const names = new Set(Array.isArray(taken) ? taken : Object.keys(taken));
    this.#types = [...this.#found].map(([name, found]) => {
      let column = name;
      while (names.has(column)) column = `extra_${column}`;
      names.add(column);
      return [name, column, settled(found)];
    });
    return Object.fromEntries(this.#types.map(([, column, type]) => [column, type]));
  }

  /**
   * A record's values in these columns, null where it lacks one.
   *
   * @throws {InputError} for one that was not seen before the columns were made; `where` names it.
   */
  valuesOf(extra: Extra | undefined, where = "extra"): Record<string, Value> {
    const unknown = Object.keys(extra ?? {}).find((name) => !this.#found.has(name));
    if (unknown !== undefined) {
      throw new InputError(
        `${where}: extra.${unknown}: the first row has no extra: give every row the same columns ` +
          `there`,
      );
    }
    return Object.fromEntries(
      this.#types!.map(([name, column, type]) => [column, fitted(extra?.[name] ?? null, type)]),
    );
  }
}

function typeOf(value: unknown): Found {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "int64" : "float64";
  if (Array.isArray(value)) {
    return { list: value.map(typeOf).reduce(merged, null) };
  }
  if (typeof value !== "object") return "string";
  return { struct: new Map(Object.entries(value).map(([name, each]) => [name, typeOf(each)])) };
}

function merged(a: Found, b: Found): Found {
  if (a === null || b === null) return a ?? b;
  if (typeof a === "object" && typeof b === "object") {
    if ("list" in a && "list" in b) return { list: merged(a.list, b.list) };
    if ("struct" in a && "struct" in b) {
      const names = new Set([...a.struct.keys(), ...b.struct.keys()]);
      const field = (name: string) =>
        merged(a.struct.get(name) ?? null, b.struct.get(name) ?? null);
      return { struct: new Map([...names].map((name) => [name, field(name)])) };
    }
  }
  if (a === b) return a;
  const numbers = [a, b].every((type) => type === "int64" || type === "float64");
  return numbers ? "float64" : "string";
}

/** What was never seen is text; a struct without fields, which no file can hold, is JSON text. */
function settled(found: Found): ColumnType {
  if (found === null) return "string";
  if (typeof found === "string") return found;
  if ("list" in found) return { list: settled(found.list) };
  if (found.struct.size === 0) return "string";
  return {
    struct: Object.fromEntries([...found.struct].map(([name, each]) => [name, settled(each)])),
  };
}

function fitted(value: unknown, type: ColumnType): Value {
  if (value === null || value === undefined) return null;
  if (type === "string") return typeof value === "string" ? value : JSON.stringify(value);
  if (typeof type === "string") return value as Value;
  if ("list" in type) return (value as unknown[]).map((each) => fitted(each, type.list));
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(type.struct).map(([name, each]) => [name, fitted(fields[name], each)]),
  );
}
