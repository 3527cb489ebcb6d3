/**
 * The input of a build, seen to once for all builders: rows are counted, and those that are no
 * record, repeated, or to be left out by hand, never reach what makes rows of them.
 */
import { join } from "node:path";
import type { Counts } from "../../core/manifest.ts";
import type { Format, ScoredRecord, TeacherRecord } from "../../core/records.ts";
import { type BadRow, BadRows, conflictId, isBadRow } from "../../io/rows/bad_rows.ts";
import { type InputPaths, pathsOf, wordsOf } from "../../io/inputs/input_files.ts";
import { readingOf } from "../../io/inputs/input_options.ts";
import { pooled } from "../../io/records/pooled_records.ts";
import { recordTexts, teacherTexts } from "../../io/records/record_texts.ts";
import {
  type Located,
  type ReadRecordsOptions,
  readScoredRows,
  readTeacherRows,
} from "../../io/records/read_records.ts";
import { PROMPT_FILTER_REJECTS, PromptFilter } from "../filter/prompt_filter.ts";
import type { BuildFolder } from "./build_folder.ts";
import type { BuilderOptions, BuildSource } from "./build_options.ts";
import { InputRows } from "../../io/rows/input_rows.ts";
import { LEFT_OUT_REJECTS, LeftOut } from "./left_out.ts";
import type { Rejection } from "./rejects_file.ts";
import {
  firstRowCounts,
  type Item,
  keptRowCounts,
  type RowIds,
  type RowOutcome,
} from "./row_ids.ts";

/** Why any builder may leave a row out. */
export const INPUT_REJECTS = [
  "bad_row",
  "id_conflict",
  ...LEFT_OUT_REJECTS,
  ...PROMPT_FILTER_REJECTS,
] as const;
export type InputReject = (typeof INPUT_REJECTS)[number];

/** Reasons by which a template changes rows; one that fails on a row changes none. */
const TEMPLATE_FAULTS: readonly string[] = [
  "template_drops_thought",
  "template_doubles_thought",
  "prompt_not_prefix",
];

/** Reads a build's input. `R` are the builder's own reasons for rejects. */
export class BuildInput<R extends string> {
  readonly paths: InputPaths;
  readonly folder: BuildFolder<R | InputReject>;
  /** What the records that were read call their reward. */
  readonly rewards = new Set<string>();
  /** Prompts that gave rows. */
  kept = 0;
  readonly #options: BuilderOptions;
  readonly #filter: PromptFilter;
  readonly #leftOut: LeftOut;
  readonly #ids: RowIds<R | InputReject>;
  readonly #rows: InputRows;
  readonly #evaluation: InputRows;
  readonly #repairs = new Map<string, number>();
  readonly #said = new Set<string>();
  readonly #bad: BadRows;
  #count = 0;
  #repeated = 0;

  private constructor(
    { paths, options, seenOnceKept }: BuildSource,
    folder: BuildFolder<R | InputReject>,
    { filter, leftOut }: { filter: PromptFilter; leftOut: LeftOut },
    evaluation: InputRows,
  ) {
    this.paths = paths;
    this.folder = folder;
    this.#options = options;
    this.#bad = new BadRows(wordsOf(paths), options.maxBadRows);
    this.#filter = filter;
    this.#leftOut = leftOut;
    this.#ids = seenOnceKept ? keptRowCounts(folder.rejects) : firstRowCounts(folder.rejects);
    this.#evaluation = evaluation;
    this.#rows = new InputRows(folder.files, folder.onRow);
  }

  /** Reads evaluation sets, excluded ids and decisions. Throws `InputError`. */
  static async open<R extends string>(
    source: BuildSource,
    folder: BuildFolder<R | InputReject>,
  ): Promise<BuildInput<R>> {
    const { options } = source, { signal } = folder.context;
    const evaluation = new InputRows(folder.files);
    const onRow = (where: string) => evaluation.add(where);
    return new BuildInput(source, folder, {
      filter: await PromptFilter.open(options, { signal, onRow }),
      leftOut: await LeftOut.read(options, signal),
    }, evaluation);
  }

  /** The teacher's records that are to be built from, in input order; for errors see `items`. */
  teacher(): AsyncGenerator<Located<TeacherRecord>> {
    return this.items(readTeacherRows(this.paths, this.#counting()), teacherTexts);
  }

  /** The same for scored records: those of several paths are one pool, by id. */
  async *scored(): AsyncGenerator<Located<ScoredRecord>> {
    const sound = this.#sound(readScoredRows(this.paths, this.#counting()));
    const place = join(this.folder.root, ".pool");
    const pool = pathsOf(this.paths).length > 1
      ? pooled<Located<ScoredRecord>>(sound, place, () => this.#repeated++)
      : sound;
    for await (const record of this.#new(pool, recordTexts)) {
      this.rewards.add(record.reward_model);
      yield record;
    }
  }

  /** A reading of the records that counts nothing, for what must be known of all before the first. */
  async *ahead<R extends object>(
    read: (paths: InputPaths, reading: ReadRecordsOptions) => AsyncIterable<R | BadRow>,
  ): AsyncGenerator<R> {
    for await (const row of read(this.paths, this.reading)) if (!isBadRow(row)) yield row;
  }

  /** How rows are read. */
  get reading(): ReturnType<typeof readingOf> & { format?: Format; signal: AbortSignal } {
    const { format } = this.#options;
    return { ...readingOf(this.#options), format, signal: this.folder.context.signal };
  }

  /**
   * The rows that are to be built from, in input order.
   *
   * @param contentOf the texts that are all of a row: a second row of its id with others is a reject.
   * @throws {InputError} where more than `maxBadRows` of the rows are none.
   */
  items<T extends Item>(
    rows: AsyncIterable<T | BadRow>,
    contentOf: (item: T) => readonly string[],
  ): AsyncGenerator<T> {
    return this.#new(this.#sound(rows), contentOf);
  }

  #counting() {
    return { ...this.reading, repairs: this.#repairs, onChunk: this.folder.onChunk };
  }

  /** Those whose ids are new and that nobody leaves out. */
  async *#new<T extends Item>(
    items: AsyncIterable<T>,
    contentOf: (item: T) => readonly string[],
  ): AsyncGenerator<T> {
    for await (const item of items) {
      const seen = this.#ids.add(item, () => contentOf(item));
      if (seen === "conflict") this.#rejectBad(conflictOf(item, contentOf(item)));
      if (seen !== "new") continue;
      const leftOut = this.#leftOut.why(item.id);
      if (leftOut === null) yield item;
      else this.#reject(item, leftOut);
    }
    this.#bad.check(this.#count);
    this.#ids.end();
  }

  /** The rows that are records, all rows counted; the others are rejects. */
  async *#sound<T extends Item>(rows: AsyncIterable<T | BadRow>): AsyncGenerator<T> {
    for await (const item of rows) {
      this.#count++;
      this.#rows.add(item.where);
      if (isBadRow(item)) this.#rejectBad(item);
      else yield item;
    }
  }

  #rejectBad(row: BadRow): void {
    const { id, where, fault: { reason, detail } } = row;
    this.#bad.add(row);
    // The detail begins with the place, which the rejects file names by itself.
    const said = detail.startsWith(where) ? detail.slice(where.length + 2) : detail;
    this.folder.rejects.add(id, { reason, detail: said }, where);
  }

  /** Puts a row down as kept, or as a reject for its own reason or a filter's; whether it is kept. */
  keeps(row: RowOutcome<R>): boolean {
    const rejection = row.rejection ?? this.#filter.check(row.id, row.prompt);
    if (rejection !== null) {
      this.#reject(row, rejection);
      return false;
    }
    this.kept++;
    this.#ids.keep(row.id);
    return true;
  }

  /** The pair that was decided by hand, as the replies' indices. */
  pairOf(id: string): { chosen: number; rejected: number } | null {
    return this.#leftOut.pairOf(id);
  }

  #reject(item: Item, rejection: Rejection<R | InputReject>): void {
    this.#ids.reject(item, rejection);
    const { reason, detail } = rejection;
    // What a template does to rows is the user's to know of at once, though the rest goes on.
    if (!TEMPLATE_FAULTS.includes(reason) || this.#said.has(detail)) return;
    this.#said.add(detail);
    const { stage } = this.folder.rejects;
    this.folder.context.log(`${stage}: ${item.where}: ${reason}: ${detail}`);
  }

  /** What the manifest counts, once all was read. */
  counts(): Counts {
    const { ids, duplicates } = this.#ids.counts(), { kept, folder: { rejects } } = this;
    const input = ids + this.#bad.count;
    if (input !== kept + rejects.count) {
      throw new Error(`the ledger is broken: ${input} in, ${kept} kept, ${rejects.count} rejected`);
    }
    return {
      input,
      kept,
      duplicates: this.#repeated + duplicates,
      rejected: rejects.count,
      pending: 0,
      other: 0,
      rejected_by_reason: rejects.byReason(),
    };
  }

  /** Repairs that were made to public scripts' rows, by name. */
  get repairs(): Record<string, number> {
    return Object.fromEntries([...this.#repairs].sort());
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
