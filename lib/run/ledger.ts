/** Where every prompt of a run stands, in memory and on disk: input = kept + rejected + pending. */
import type { Json } from "../core/canonical.ts";
import { canonicalJson } from "../core/canonical.ts";
import { InputError, RunError } from "../core/errors.ts";
import { hash64 } from "../core/hash64.ts";
import type { Counts, FileEntry } from "../core/manifest.ts";
import type { Reject } from "../core/records.ts";
import { type BadRow, BadRows, conflictId, isBadRow } from "../io/rows/bad_rows.ts";
import { InputRows } from "../io/rows/input_rows.ts";
import { Column } from "./column.ts";
import { Mark, State } from "./id_table.ts";
import type { RunFolder } from "./run_folder.ts";
import { RunLines } from "./run_lines.ts";
import { keyedLine, workKey } from "./keyed_line.ts";
import { type Shard, shardRange } from "./shard.ts";

/** How the input is surveyed. */
export interface SurveyOptions<I> {
  /** Names all that affects every record, the items aside; part of each item's key. */
  fingerprint: string;
  /** What of an item affects its record. */
  content: (item: I) => Json;
  shard: Shard;
  limit?: number;
  /** Paths of the input's files, in the order they are read. */
  inputs: string[];
  /** The share of rows that may be no prompt. */
  maxBadRows: number;
  /** Rejects of these reasons are asked again; `all` for every one. */
  retryRejects: readonly string[];
}

/** What is to be done: an item, or a row to be rejected as it is. */
export type PendingItem<I> = { item: I; row: number } | { bad: BadRow; row: number };

/** The ledger of one shard. One process writes it; the runner holds the lock. */
export class Ledger<I extends { id: string; where?: string }> {
  readonly #lines: RunLines;
  readonly #rows: InputRows;
  /** By position in the input: how much later the row stands. In a new run no row does. */
  readonly #later = new Column((rows) => new Int32Array(rows), 0);
  /** 1 for each item of the input that an earlier one has said already. */
  readonly #repeated = new Column((items) => new Uint8Array(items), 0);
  readonly #options: SurveyOptions<I>;
  #from = 0;
  #to = 0;
  #duplicates = 0;
  #kept = 0;
  #rejected = 0;
  #reasons = new Map<string, number>();
  #digest = 0n;

  /** Opens a run's files and reads what an earlier process finished. */
  constructor(folder: RunFolder, options: SurveyOptions<I>, log: (line: string) => void) {
    this.#lines = new RunLines(folder, log);
    this.#options = options;
    this.#rows = new InputRows(options.inputs);
  }

  /**
   * Reads the whole input once: ids, keys, duplicates, and which rows are this shard's; then leaves
   * in the files what the input names, and sets the rest aside.
   */
  async survey(items: AsyncIterable<I | BadRow>): Promise<void> {
    const { shard, limit, inputs, maxBadRows } = this.#options;
    const { table } = this.#lines, bad = new BadRows(inputs[0] ?? "input", maxBadRows);
    let total = 0, rows = 0;
    for await (const given of items) {
      if (limit !== undefined && total >= limit) break;
      this.#rows.add(given.where);
      rows++;
      let item = given, key = this.#keyOf(item), row = table.row(hash64(item.id)).row;
      if (table.has(row, Mark.inInput) && table.key(row) !== key) {
        item = this.#inConflict(given);
        key = this.#keyOf(item);
        row = table.row(hash64(item.id)).row;
        table.mark(row, Mark.conflict);
      }
      if (isBadRow(item)) bad.add(item);
      if (table.has(row, Mark.inInput)) {
        this.#repeated.set(rows - 1, 1);
        this.#duplicates++;
        continue;
      }
      this.#lines.want(row, key);
      table.mark(row, Mark.inInput);
      this.#digest = BigInt.asUintN(64, (this.#digest ^ key) * 0x100000001b3n);
      this.#later.set(total, row - total);
      total++;
    }
    if (total === 0) throw new InputError(`${inputs[0] ?? "input"}: no prompts in it`);
    bad.check(rows);
    ({ from: this.#from, to: this.#to } = shardRange(shard, total));
    for (const row of this.#mine()) table.mark(row, Mark.mine);
    this.#count();
    this.#lines.tidy(() => this.#mine());
  }

  /**
   * The shard's items that are neither kept nor rejected, in input order.
   *
   * @throws {RunError} where the input is not as it was surveyed.
   */
  async *pending(items: AsyncIterable<I | BadRow>): AsyncGenerator<PendingItem<I>> {
    const { table } = this.#lines;
    let at = 0, next = 0, left = this.counts().pending;
    for await (const given of items) {
      if (left === 0) return;
      if (this.#repeated.get(at++) === 1) continue;
      const position = next++, row = this.#rowAt(position);
      if (position < this.#from || table.state(row) !== State.absent) continue;
      const item = table.has(row, Mark.conflict) ? this.#inConflict(given) : given;
      if (table.key(row) !== this.#keyOf(item)) throw inputChanged(given.where);
      left--;
      yield isBadRow(item) ? { bad: item, row } : { item, row };
    }
    if (left > 0) throw inputChanged(this.#options.inputs[0]);
  }

  /** Appends the record of a row. */
  keep(row: number, record: { id: string }): void {
    this.#lines.append(row, State.kept, keyedLine(record, this.#lines.table.key(row)));
    this.#kept++;
  }

  /** Appends the rejects line of a row. */
  reject(row: number, reject: Reject): void {
    this.#lines.append(row, State.rejected, keyedLine(reject, this.#lines.table.key(row)));
    this.#rejected++;
    this.#reasons.set(reject.reason, (this.#reasons.get(reject.reason) ?? 0) + 1);
  }

  counts(): Counts {
    const input = this.#to - this.#from;
    return {
      input,
      kept: this.#kept,
      rejected: this.#rejected,
      pending: input - this.#kept - this.#rejected,
      duplicates: this.#duplicates,
      other: 0,
      set_aside: this.#lines.setAside,
      rejected_by_reason: Object.fromEntries([...this.#reasons].sort()),
    };
  }

  /** Names the whole input by its prompts in their order: the shards of one run agree in it. */
  get digest(): string {
    return this.#digest.toString(16).padStart(16, "0");
  }

  /** Rows read of an input file. */
  rowsOf(path: string): number {
    return this.#rows.rows.get(path) ?? 0;
  }

  /** Puts both files into input order, one line a prompt. */
  settle(): void {
    this.#lines.settle(() => this.#mine());
  }

  /** The files as they stand, hashed; each record's and reject's text is shown to `visit`. */
  outputs(out: string, visit: (text: string, isReject: boolean) => void): FileEntry[] {
    return this.#lines.outputs(out, visit);
  }

  close(): void {
    this.#lines.close();
  }

  #keyOf(item: I | BadRow): bigint {
    if (isBadRow(item)) return hash64(canonicalJson({ bad: item.fault }));
    return workKey(this.#options.fingerprint, this.#options.content(item));
  }

  /** A row whose id an earlier row has for other content: rejected, under an id of its own. */
  #inConflict(item: I | BadRow): BadRow {
    const { id, where = "" } = item;
    if (isBadRow(item)) return { ...item, id: conflictId(id, item.fault) };
    const detail = `${where}: id ${JSON.stringify(id)} stands in an earlier row with other ` +
      `content: ids must be unique`;
    const fault = { reason: "id_conflict", detail } as const;
    return { id: conflictId(id, this.#options.content(item)), where, fault };
  }

  *#mine(): Generator<number> {
    for (let at = this.#from; at < this.#to; at++) yield this.#rowAt(at);
  }

  #rowAt(position: number): number {
    return position + this.#later.get(position);
  }

  /** Counts what is done; rejects that are to be asked again are forgotten. */
  #count(): void {
    const { table } = this.#lines, { retryRejects } = this.#options;
    for (const row of this.#mine()) {
      const state = table.state(row);
      if (state === State.kept || state === State.keptAside) this.#kept++;
      if (state !== State.rejected && state !== State.rejectedAside) continue;
      const { reason } = JSON.parse(this.#lines.text(row)) as Reject;
      if (isAskedAgain(reason, retryRejects)) table.clear(row);
      else {
        this.#rejected++;
        this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
      }
    }
  }
}

/** Whether a reject of this reason is to be asked again. */
export function isAskedAgain(reason: string, retryRejects: readonly string[]): boolean {
  return retryRejects.includes(reason) || retryRejects.includes("all");
}

function inputChanged(where = "the input"): RunError {
  return new RunError(
    `${where}: the input changed while it was read: what is done is saved, run again`,
  );
}
