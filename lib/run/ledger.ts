/** Where every prompt of a run stands, in memory and on disk: input = kept + rejected + pending. */
import { createHash } from "node:crypto";
import { relative } from "node:path";
import { InputError } from "../core/errors.ts";
import { hash64 } from "../core/hash64.ts";
import type { Counts, FileEntry } from "../core/manifest.ts";
import type { Reject } from "../core/records.ts";
import { Column } from "./column.ts";
import { IdTable, State } from "./id_table.ts";
import type { LineLog, LinePlace } from "./line_log.ts";
import type { RunFolder } from "./run_folder.ts";
import { openLine, sealLine } from "./sealed_line.ts";
import { type Shard, shardRange } from "./shard.ts";

/** How the input is surveyed. */
export interface SurveyOptions<I> {
  /** The canonical text whose hash is the item's key. */
  keyOf: (item: I) => string;
  shard: Shard;
  limit?: number;
  /** Paths of the input's files, in the order they are read. */
  inputs: string[];
}

/** Opens a run's files and reads what an earlier process finished. */
export function openLedger(folder: RunFolder, log: (line: string) => void): Ledger {
  return new Ledger(folder, log);
}

/** The ledger of one shard. One process writes it; the runner holds the lock. */
export class Ledger {
  readonly #table = new IdTable();
  readonly #records: LineLog;
  readonly #rejects: LineLog;
  readonly #rows = new Map<string, number>();
  /** Rows by their position in the input. */
  readonly #order = new Column((rows) => new Uint32Array(rows), 0);
  #total = 0;
  #from = 0;
  #to = 0;
  #duplicates = 0;
  #kept = 0;
  #rejected = 0;
  #other = 0;
  #reasons = new Map<string, number>();

  constructor(folder: RunFolder, log: (line: string) => void) {
    this.#records = folder.openLog("records");
    this.#rejects = folder.openLog("rejects");
    this.#load(this.#records, State.kept, log);
    this.#load(this.#rejects, State.rejected, log);
  }

  /** Reads the whole input once: ids, keys, duplicates, and which rows are this shard's. */
  async survey<I extends { id: string; where?: string }>(
    items: AsyncIterable<I>,
    options: SurveyOptions<I>,
  ): Promise<void> {
    let total = 0, file = 0;
    for await (const item of items) {
      if (options.limit !== undefined && total >= options.limit) break;
      while (file + 1 < options.inputs.length && !item.where?.startsWith(options.inputs[file]!)) {
        file++;
      }
      const path = options.inputs[file] ?? "";
      this.#rows.set(path, (this.#rows.get(path) ?? 0) + 1);
      const key = hash64(options.keyOf(item));
      const { row } = this.#table.row(hash64(item.id));
      if (this.#table.isInInput(row)) {
        if (this.#table.key(row) !== key) {
          throw new InputError(
            `${item.where ?? path}: id ${JSON.stringify(item.id)} stands in an earlier row with ` +
              `other content: ids must be unique`,
          );
        }
        this.#duplicates++;
        continue;
      }
      if (this.#table.state(row) !== State.absent && this.#table.key(row) !== key) {
        this.#table.clear(row);
      }
      this.#table.setKey(row, key);
      this.#table.setInInput(row);
      this.#order.set(total++, row);
    }
    if (total === 0) {
      throw new InputError(`${options.inputs[0] ?? "input"}: no prompts in it`);
    }
    this.#total = total;
    this.#table.endFinding();
    ({ from: this.#from, to: this.#to } = shardRange(options.shard, total));
    this.#recount();
  }

  /** The shard's items that are neither kept nor rejected, in input order. */
  async *pending<I extends { id: string }>(
    items: AsyncIterable<I>,
  ): AsyncGenerator<{ item: I; row: number }> {
    let next = this.#from;
    const isDone = () => this.#table.state(this.#order.get(next)) !== State.absent;
    while (next < this.#to && isDone()) next++;
    for await (const item of items) {
      if (next >= this.#to) return;
      const row = this.#order.get(next);
      if (this.#table.hash(row) !== hash64(item.id)) continue;
      yield { item, row };
      do next++; while (next < this.#to && isDone());
    }
  }

  /** Appends the record of a row. */
  keep(row: number, record: { id: string }): void {
    const place = this.#records.append(sealLine(record, this.#table.key(row)));
    this.#placed(row, State.kept, place);
    this.#kept++;
  }

  /** Appends the rejects line of a row. */
  reject(row: number, reject: Reject): void {
    const place = this.#rejects.append(sealLine(reject, this.#table.key(row)));
    this.#placed(row, State.rejected, place);
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
      other: this.#other,
      rejected_by_reason: Object.fromEntries([...this.#reasons].sort()),
    };
  }

  /** Rows read of an input file. */
  rowsOf(path: string): number {
    return this.#rows.get(path) ?? 0;
  }

  /** Puts both files into input order, one line a prompt; lines of other inputs come last. */
  settle(): void {
    this.#settle(this.#records, State.kept);
    this.#settle(this.#rejects, State.rejected);
  }

  /** The files as they stand, hashed; `visit` is shown every record on the way. */
  outputs(out: string, visit?: (record: unknown) => void): FileEntry[] {
    const entry = (log: LineLog, each?: (record: unknown) => void): FileEntry => {
      const hash = createHash("sha256");
      let rows = 0;
      log.load((text) => {
        rows++;
        each?.(JSON.parse(text));
        return true;
      }, (bytes) => hash.update(bytes));
      return { path: relative(out, log.path), sha256: hash.digest("hex"), rows };
    };
    return [entry(this.#records, visit), entry(this.#rejects)];
  }

  close(): void {
    this.#records.close();
    this.#rejects.close();
  }

  #load(log: LineLog, state: number, say: (line: string) => void): void {
    const seen = (text: string, place: LinePlace): boolean => {
      const line = openLine(text);
      if (!line) return false;
      const { row } = this.#table.row(hash64(line.id));
      this.#table.setKey(row, line.key);
      this.#table.setLine(row, state, place.offset, place.length);
      return true;
    };
    const { bad, torn } = log.load(seen);
    if (bad > 0) {
      say(`${log.path}: ${bad} damaged line(s) dropped; their prompts are done again`);
    }
    if (torn > 0) say(`${log.path}: an unfinished last line was dropped; its prompt is done again`);
  }

  #recount(): void {
    this.#kept = this.#rejected = this.#other = 0;
    this.#reasons.clear();
    for (let row = 0; row < this.#table.size; row++) {
      if (this.#table.state(row) !== State.absent) this.#other++;
    }
    for (let at = this.#from; at < this.#to; at++) {
      const row = this.#order.get(at), state = this.#table.state(row);
      if (state === State.absent) continue;
      this.#other--;
      if (state === State.kept) this.#kept++;
      else {
        this.#rejected++;
        const { reason } = JSON.parse(
          new TextDecoder().decode(this.#rejects.read(this.#table.line(row))),
        ) as Reject;
        this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
      }
    }
  }

  #placed(row: number, state: number, { offset, length }: LinePlace): void {
    this.#table.setLine(row, state, offset, length);
  }

  #settle(log: LineLog, state: number): void {
    const table = this.#table, others = this.#others(state);
    const lines = () => this.#inOrder(state, others);
    let offset = 0, sorted = true;
    for (const row of lines()) {
      const line = table.line(row);
      sorted &&= line.offset === offset;
      offset += line.length + 1;
    }
    if (sorted && offset === log.size) return;
    log.rewrite(function* () {
      for (const row of lines()) yield table.line(row);
    }());
    offset = 0;
    for (const row of lines()) {
      const { length } = table.line(row);
      table.setLine(row, state, offset, length);
      offset += length + 1;
    }
  }

  /** Rows in a state: this input's in its order, then the others. */
  *#inOrder(state: number, others: readonly number[]): Generator<number> {
    for (let at = 0; at < this.#total; at++) {
      const row = this.#order.get(at);
      if (this.#table.state(row) === state) yield row;
    }
    yield* others;
  }

  /** Rows in a state that this input does not name, as they stand in the file. */
  #others(state: number): number[] {
    const others: number[] = [];
    for (let row = 0; row < this.#table.size; row++) {
      if (this.#table.state(row) === state && !this.#table.isInInput(row)) others.push(row);
    }
    return others.sort((a, b) => this.#table.line(a).offset - this.#table.line(b).offset);
  }
}
