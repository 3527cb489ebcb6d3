/** What is asked of columns, and how many rows of each remain: every chart under all other filters. Pure. */
import type { Column, ExplorerData } from "../columns.ts";
import { type Binned, binned } from "./bins.ts";

/** Numbers between two ends, both included; null is open. */
export interface Range {
  min: number | null;
  max: number | null;
}

/** What one column must be: within a range, or one of some values. */
export type Filter = Range | { values: string[] };

/** What the filters leave. */
export interface Remaining {
  prompts: number;
  replies: number;
  /** By column, the rows of each bin, under the filters of all other columns. */
  counts: Map<string, Uint32Array>;
  /** By prompt, 1 where one of its replies remains. */
  shown: Uint8Array;
}

/** The name of the filter that a search is. */
const SEARCH = "\0search";

/**
 * Filters over all rows. Each filter that is set has a bit; a row that breaks it carries the bit. A
 * row without bits remains; one with a single bit remains for that filter's own chart. So one pass
 * over the rows answers for every chart at once.
 */
export class Filters {
  readonly data: ExplorerData;
  readonly binned: Map<string, Binned>;
  readonly #replyFails: Uint32Array;
  readonly #promptFails: Uint32Array;
  readonly #bits = new Map<string, number>();
  /** Rows that remain, when they are counted. */
  readonly #replies: Uint32Array;
  readonly #prompts: Uint32Array;

  constructor(data: ExplorerData) {
    this.data = data;
    this.binned = new Map(data.columns.map((column) => [column.name, binned(column)]));
    this.#promptFails = new Uint32Array(data.first.length - 1);
    this.#replyFails = new Uint32Array(data.first.at(-1)!);
    this.#prompts = new Uint32Array(this.#promptFails.length);
    this.#replies = new Uint32Array(this.#replyFails.length);
  }

  /** Sets or, with null, clears the filter of a column. Throws where 31 are set already. */
  set(name: string, filter: Filter | null): void {
    const column = this.binned.get(name)?.column;
    if (column === undefined) return;
    this.#mark(name, column.of, filter === null ? null : test(column, filter));
  }

  /** Leaves only some replies, by row in rising order; null is all. */
  setSearch(rows: Uint32Array | null): void {
    if (rows === null) return this.#mark(SEARCH, "reply", null);
    const found = new Uint8Array(this.#replyFails.length);
    for (const row of rows) found[row] = 1;
    this.#mark(SEARCH, "reply", (row) => found[row] === 1);
  }

  /** Puts a column of prompts in, or another in its place, its filter aside. */
  replace(column: Column): void {
    this.#mark(column.name, column.of, null);
    const at = this.data.columns.findIndex(({ name }) => name === column.name);
    if (at >= 0) this.data.columns[at] = column;
    else this.data.columns.push(column);
    this.binned.set(column.name, binned(column));
  }

  /** Whether a reply remains. */
  remains(prompt: number, reply: number): boolean {
    return (this.#promptFails[prompt]! | this.#replyFails[reply]!) === 0;
  }

  /** Counts all charts: one pass over the rows, and one over those that remain for each column. */
  count(): Remaining {
    const { first } = this.data;
    const prompts = first.length - 1;
    const counts = new Map<string, Uint32Array>();
    for (const [name, { count }] of this.binned) counts.set(name, new Uint32Array(count + 1));
    const charts = this.#chartsByBit(counts);
    const shown = new Uint8Array(prompts);
    let promptCount = 0, replyCount = 0;
    for (let prompt = 0; prompt < prompts; prompt++) {
      const fails = this.#promptFails[prompt]!;
      let some = false;
      for (let reply = first[prompt]!; reply < first[prompt + 1]!; reply++) {
        const own = this.#replyFails[reply]!;
        some ||= own === 0;
        const bits = fails | own;
        if (bits === 0) this.#replies[replyCount++] = reply;
        else if ((bits & (bits - 1)) === 0) {
          const chart = charts.get(bits);
          if (chart?.of === "reply") chart.places[chart.bins[reply]!]!++;
        }
      }
      if (!some) continue;
      if (fails === 0) {
        shown[prompt] = 1;
        this.#prompts[promptCount++] = prompt;
      } else if ((fails & (fails - 1)) === 0) {
        const { bins, places } = charts.get(fails)!;
        places[bins[prompt]!]!++;
      }
    }
    for (const [name, { column, bins }] of this.binned) {
      if (column.of === "reply") tally(bins, this.#replies, replyCount, counts.get(name)!);
      else tally(bins, this.#prompts, promptCount, counts.get(name)!);
    }
    return { prompts: promptCount, replies: replyCount, counts, shown };
  }

  /** The charts that have filters of their own, by the filters' bits. */
  #chartsByBit(counts: Map<string, Uint32Array>) {
    const charts = new Map<number, { bins: Uint16Array; places: Uint32Array; of: Column["of"] }>();
    for (const [name, bit] of this.#bits) {
      const own = this.binned.get(name);
      if (own === undefined) continue;
      charts.set(bit, { bins: own.bins, places: counts.get(name)!, of: own.column.of });
    }
    return charts;
  }

  /** Sets a filter's bit on the rows that fail the test, and takes it from the others. */
  #mark(name: string, of: Column["of"], passes: ((row: number) => boolean) | null): void {
    let bit = this.#bits.get(name);
    if (passes === null && bit === undefined) return;
    if (bit === undefined) this.#bits.set(name, bit = this.#freeBit());
    const fails = of === "reply" ? this.#replyFails : this.#promptFails;
    if (passes === null) {
      for (let row = 0; row < fails.length; row++) fails[row]! &= ~bit;
      this.#bits.delete(name);
      return;
    }
    for (let row = 0; row < fails.length; row++) {
      if (passes(row)) fails[row]! &= ~bit;
      else fails[row]! |= bit;
    }
  }

  #freeBit(): number {
    const used = new Set(this.#bits.values());
    for (let place = 0; place < 31; place++) if (!used.has(1 << place)) return 1 << place;
    throw new Error("31 filters at most");
  }
}

/** Adds the bins of some rows to the counts. */
function tally(bins: Uint16Array, rows: Uint32Array, count: number, places: Uint32Array): void {
  for (let at = 0; at < count; at++) places[bins[rows[at]!]!]!++;
}

/** Whether a row passes a filter; a number that is none passes no range. */
function test({ data, names }: Column, filter: Filter): (row: number) => boolean {
  if ("values" in filter) {
    const wanted = new Set(filter.values);
    const codes = (names ?? []).map((name) => wanted.has(name));
    return (row) => codes[data[row]!] ?? false;
  }
  const min = filter.min ?? -Infinity, max = filter.max ?? Infinity;
  // The data is in single precision: so must the ends be, for a value to be within itself.
  const low = Math.fround(min), high = Math.fround(max);
  return (row) => data[row]! >= low && data[row]! <= high;
}
