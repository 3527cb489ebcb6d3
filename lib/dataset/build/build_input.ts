/**
 * The input of a build, seen to once for all builders: rows are counted, and those that are no
 * record, repeated, or to be left out by hand, never reach what makes rows of them.
 */
import { join } from "node:path";
import { z } from "zod";
import type { Counts } from "../../core/manifest.ts";
import type { Decision } from "../../core/decisions.ts";
import type { Message, ScoredRecord } from "../../core/records.ts";
import { type BadRow, BadRows, conflictId, isBadRow } from "../../io/bad_rows.ts";
import { type InputPaths, pathsOf, wordsOf } from "../../io/input_files.ts";
import { pooled, recordTexts } from "../../io/pooled_records.ts";
import type { Located } from "../../io/read_records.ts";
import { readDecisions } from "../../io/read_decisions.ts";
import { readIds } from "../filter/excluded_ids.ts";
import {
  PROMPT_FILTER_REJECTS,
  PromptFilter,
  type PromptFilterOptions,
  type PromptFilterReject,
} from "../filter/prompt_filter.ts";
import type { BuildFolder } from "./dataset_folder.ts";
import { InputRows } from "./input_rows.ts";
import type { Rejection } from "./rejects_file.ts";
import { SeenIds } from "./seen_ids.ts";

/** Options of a build that say which rows are left out; to be spread into its schema. */
export const leaveOutOptions = {
  excludeIds: z.string().optional().meta({ metavar: "FILE" }).describe(
    "leave out the prompts whose ids this file names: a line each, or rows with an id",
  ),
  decisions: z.string().optional().meta({ metavar: "FILE" }).describe(
    "what was decided by hand about prompts and pairs (explore writes it)",
  ),
} as const;

/** Why any builder may leave a row out. */
export const INPUT_REJECTS = [
  "bad_row",
  "id_conflict",
  "excluded_id",
  "excluded_by_hand",
  ...PROMPT_FILTER_REJECTS,
] as const;
export type InputReject = (typeof INPUT_REJECTS)[number];

/** What a builder's options say of its input. */
export interface BuildInputOptions extends PromptFilterOptions {
  maxBadRows: number;
  excludeIds?: string;
  decisions?: string;
  /** As the public SFT builder: an id counts as seen once its row is kept. */
  seenOnceKept?: boolean;
}

/** A row that may become rows of a dataset. */
interface Item {
  id: string;
  where: string;
}

/** Reads a build's input. `R` are the builder's own reasons for rejects. */
export class BuildInput<R extends string> {
  readonly #options: BuildInputOptions;
  readonly #folder: BuildFolder<R | InputReject>;
  readonly #filter: PromptFilter;
  readonly #excluded: ReadonlySet<string>;
  readonly #decisions: ReadonlyMap<string, Decision>;
  readonly #rows: InputRows;
  readonly #evaluation: InputRows;
  readonly #seen = new SeenIds();
  readonly #kept = new Set<string>();
  /** With `seenOnceKept`: rejects whose ids may yet be kept from a later row. */
  readonly #held = new Map<string, { rejection: Rejection<R | InputReject>; where: string }>();
  #count = 0;
  #bad = 0;
  #duplicates = 0;

  private constructor(
    options: BuildInputOptions,
    folder: BuildFolder<R | InputReject>,
    lists: { filter: PromptFilter; excluded: Set<string>; decisions: Map<string, Decision> },
    evaluation: InputRows,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#filter = lists.filter;
    this.#excluded = lists.excluded;
    this.#decisions = lists.decisions;
    this.#evaluation = evaluation;
    this.#rows = new InputRows(folder.files);
  }

  /** Reads evaluation sets, excluded ids and decisions. Throws `InputError`. */
  static async open<R extends string>(
    options: BuildInputOptions,
    folder: BuildFolder<R | InputReject>,
  ): Promise<BuildInput<R>> {
    const { signal } = folder.context;
    const { excludeIds, decisions } = options;
    const evaluation = new InputRows(folder.files);
    const onRow = (where: string) => evaluation.add(where);
    return new BuildInput(options, folder, {
      filter: await PromptFilter.open(options, { signal, onRow }),
      excluded: excludeIds === undefined ? new Set() : await readIds(excludeIds, signal),
      decisions: decisions === undefined ? new Map() : await readDecisions(decisions, { signal }),
    }, evaluation);
  }

  /**
   * The rows that are to be built from, in input order.
   *
   * @param contentOf the texts that are all of a row: a second row of its id with others is a reject.
   * @throws {InputError} where more than `maxBadRows` of the rows are none.
   */
  async *items<T extends Item>(
    paths: InputPaths,
    rows: AsyncIterable<T | BadRow>,
    contentOf: (item: T) => readonly string[],
  ): AsyncGenerator<T> {
    const bad = new BadRows(wordsOf(paths), this.#options.maxBadRows);
    yield* this.#new(this.#sound(rows, bad), contentOf, bad);
  }

  /** The same for scored records: those of several paths are one pool, by id. */
  async *replies(
    paths: InputPaths,
    rows: AsyncIterable<Located<ScoredRecord> | BadRow>,
  ): AsyncGenerator<Located<ScoredRecord>> {
    const bad = new BadRows(wordsOf(paths), this.#options.maxBadRows);
    const sound = this.#sound(rows, bad);
    const place = join(this.#folder.root, ".pool");
    const pool = pathsOf(paths).length > 1
      ? pooled<Located<ScoredRecord>>(sound, place, () => this.#duplicates++)
      : sound;
    yield* this.#new(pool, recordTexts, bad);
  }

  /** Those whose ids are new and that nobody leaves out. */
  async *#new<T extends Item>(
    items: AsyncIterable<T>,
    contentOf: (item: T) => readonly string[],
    bad: BadRows,
  ): AsyncGenerator<T> {
    for await (const item of items) {
      const seen = this.#seenBefore(item, contentOf);
      if (seen === "conflict") this.#rejectBad(conflictOf(item, contentOf(item)), bad);
      else if (seen === "new" && !this.#isExcluded(item)) yield item;
    }
    bad.check(this.#count);
    for (const [id, { rejection, where }] of this.#held) {
      this.#folder.rejects.add(id, rejection, where);
    }
  }

  /** The rows that are records, all rows counted; the others are rejects. */
  async *#sound<T extends Item>(
    rows: AsyncIterable<T | BadRow>,
    bad: BadRows,
  ): AsyncGenerator<T> {
    for await (const item of rows) {
      this.#count++;
      this.#rows.add(item.where);
      if (isBadRow(item)) this.#rejectBad(item, bad);
      else yield item;
    }
  }

  #rejectBad(row: BadRow, bad: BadRows): void {
    const { id, where, fault: { reason, detail } } = row;
    bad.add(row);
    this.#bad++;
    // The detail begins with the place, which the rejects file names by itself.
    const said = detail.startsWith(where) ? detail.slice(where.length + 2) : detail;
    this.#folder.rejects.add(id, { reason, detail: said }, where);
  }

  #seenBefore<T extends Item>(item: T, contentOf: (item: T) => readonly string[]) {
    if (!this.#options.seenOnceKept) return this.#seen.add(item.id, contentOf(item));
    if (!this.#kept.has(item.id)) return "new";
    this.#duplicates++;
    return "same";
  }

  /** Whether a list or a person leaves the row out; then it is among the rejects. */
  #isExcluded(item: Item): boolean {
    const decision = this.#decisions.get(item.id);
    if (this.#excluded.has(item.id)) {
      this.reject(item, {
        reason: "excluded_id",
        detail: "its id is in the file of --exclude-ids",
      });
    } else if (decision?.action === "exclude") {
      this.reject(item, { reason: "excluded_by_hand", detail: decision.comment ?? "" });
    } else return false;
    return true;
  }

  /** Why the prompt is left out by what it asks, or null. */
  filter(id: string, messages: readonly Message[]): Rejection<PromptFilterReject> | null {
    return this.#filter.check(id, messages);
  }

  /** The pair that was decided by hand, as the replies' indices. */
  pairOf(id: string): { chosen: number; rejected: number } | null {
    const decision = this.#decisions.get(id);
    if (decision?.action !== "pair") return null;
    return { chosen: decision.chosen!, rejected: decision.rejected! };
  }

  /** Puts a row down among the rejects. */
  reject({ id, where }: Item, rejection: Rejection<R | InputReject>): void {
    if (!this.#options.seenOnceKept) this.#folder.rejects.add(id, rejection, where);
    else if (this.#held.has(id)) this.#duplicates++;
    else this.#held.set(id, { rejection, where });
  }

  /** Puts a row down as kept. */
  keep({ id }: Pick<Item, "id">): void {
    if (!this.#options.seenOnceKept) return;
    this.#kept.add(id);
    if (this.#held.delete(id)) this.#duplicates++;
  }

  /** Where, and why, the first row was left out. */
  get firstReject(): string {
    return this.#folder.rejects.first ?? "no rows";
  }

  /** What the manifest counts, once all was read. */
  counts(kept: number): Pick<Counts, "input" | "kept" | "duplicates"> {
    const known = this.#options.seenOnceKept ? this.#kept.size + this.#held.size : this.#seen.size;
    return { input: known + this.#bad, kept, duplicates: this.#duplicates + this.#seen.duplicates };
  }

  /** Rows by input file, evaluation sets included. */
  get rows(): Map<string, number> {
    return new Map([...this.#evaluation.rows, ...this.#rows.rows]);
  }
}

/** The bad row of one whose id stands in an earlier row with other content. */
function conflictOf({ id, where }: Item, content: readonly string[]): BadRow {
  const rule = `id ${JSON.stringify(id)} stands in an earlier row with other content`;
  const fault = { reason: "id_conflict" as const, detail: `${where}: ${rule}` };
  return { id: conflictId(id, [...content]), where, fault };
}
