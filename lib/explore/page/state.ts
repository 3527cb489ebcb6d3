/** What is looked at, as the address's hash says it. Pure. */
import type { ColumnInfo } from "../columns.ts";
import type { Search } from "../requests.ts";
import { SEARCHED, type Searched } from "../stored_rows.ts";
import type { Filter } from "./filters.ts";

export const VIEWS = ["overview", "prompts", "extremes", "compare", "decisions", "prompt"] as const;
export type View = (typeof VIEWS)[number];

/** Everything that a link to a view holds. */
export interface State {
  view: View;
  /** The row of the prompt that is open. */
  prompt: number;
  filters: Record<string, Filter>;
  search: Search | null;
  /** A prompts' column, and whether the greatest come first. */
  sort: { column: string; down: boolean };
  /** Sides of the comparison: values of the column `run`, or columns of rewards. */
  compare: { a: string; b: string };
}

/** The state of a hash such as `#/prompts?f.reward=1..&sort=-margin`; what is wrong is left out. */
export function parseState(hash: string, columns: readonly ColumnInfo[]): State {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name, row] = path.split("/");
  const view = VIEWS.find((view) => view === name) ?? "overview";
  const values = new URLSearchParams(query);
  const filters: Record<string, Filter> = {};
  for (const { name, kind } of columns) {
    const given = values.getAll(`f.${name}`);
    if (given.length === 0) continue;
    if (kind === "category") filters[name] = { values: given };
    else {
      const [min, max] = given[0]!.split("..").map(numberOf);
      if (min !== null || max !== null) filters[name] = { min: min ?? null, max: max ?? null };
    }
  }
  const pattern = values.get("q") ?? "";
  const sort = values.get("sort") ?? "", place = values.get("in") ?? "";
  return {
    view,
    prompt: /^\d+$/.test(row ?? "") ? Number(row) : 0,
    filters,
    search: pattern === "" ? null : {
      pattern,
      regex: values.get("re") === "1",
      where: Object.hasOwn(SEARCHED, place) ? place as Searched : "anywhere",
    },
    sort: { column: sort.replace(/^-/, ""), down: sort.startsWith("-") },
    compare: { a: values.get("a") ?? "", b: values.get("b") ?? "" },
  };
}

/** The hash of a state. */
export function formatState(state: State): string {
  const values = new URLSearchParams();
  for (const [name, filter] of Object.entries(state.filters)) {
    if ("values" in filter) {
      for (const value of filter.values) values.append(`f.${name}`, value);
    } else values.set(`f.${name}`, `${filter.min ?? ""}..${filter.max ?? ""}`);
  }
  if (state.search !== null) {
    values.set("q", state.search.pattern);
    if (state.search.regex) values.set("re", "1");
    if (state.search.where !== "anywhere") values.set("in", state.search.where);
  }
  if (state.sort.column !== "") {
    values.set("sort", (state.sort.down ? "-" : "") + state.sort.column);
  }
  if (state.compare.a !== "") values.set("a", state.compare.a);
  if (state.compare.b !== "") values.set("b", state.compare.b);
  const path = state.view === "prompt" ? `prompt/${state.prompt}` : state.view;
  const query = values.toString();
  return `#/${path}${query === "" ? "" : `?${query}`}`;
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
