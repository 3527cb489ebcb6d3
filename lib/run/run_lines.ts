/** Where a run's lines lie on disk: those that the input names, and those that are set aside. */
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { hash64 } from "../core/hash64.ts";
import type { FileEntry } from "../core/manifest.ts";
import { IdTable, Mark, State } from "./id_table.ts";
import type { LineLog, LinePlace } from "./line_log.ts";
import type { RunFolder } from "./run_folder.ts";
import { readKeyedLine } from "./keyed_line.ts";
import { partName } from "./shard.ts";

/** Records and rejects: what an id's line can be. */
const KINDS = [State.kept, State.rejected] as const;
/** The state of a line of a kind that is set aside. */
const aside = (kind: number): number => kind + 2;

/** The folders of OUT that hold the lines of each state. */
const FOLDERS: Record<number, string> = {
  [State.kept]: "records",
  [State.rejected]: "rejects",
  [State.keptAside]: "aside/records",
  [State.rejectedAside]: "aside/rejects",
};

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The lines of one shard. An id has one line among records and rejects: that of the work which the
 * input asks for now. Lines of other inputs, and an id's lines for other contents, are kept in files
 * that no reader knows, and come back when they are asked for again.
 */
export class RunLines {
  /** By id. Its rows are marked by the ledger. */
  readonly table = new IdTable();
  /** Lines that are not their id's own, by id and key. */
  #versions = new IdTable();
  readonly #logs = new Map<number, LineLog>();
  readonly #folder: RunFolder;
  #setAside = 0;

  constructor(folder: RunFolder, say: (line: string) => void) {
    this.#folder = folder;
    for (const state of KINDS.map(aside)) if (this.#isThere(state)) this.#load(state, say);
    for (const state of KINDS) this.#load(state, say);
  }

  /** Lines in the files that no reader knows. */
  get setAside(): number {
    return this.#setAside;
  }

  /** Makes the line of this key the row's own, wherever it lies; absent where there is none. */
  want(row: number, key: bigint): void {
    const { table } = this, versions = this.#versions;
    if (table.state(row) !== State.absent && table.key(row) === key) return;
    this.#yieldPlace(row);
    table.setKey(row, key);
    const version = versions.find(versionOf(table.hash(row), key));
    if (version === undefined || versions.state(version) === State.absent) return;
    const { offset, length } = versions.line(version);
    table.setLine(row, versions.state(version), offset, length);
    versions.clear(version);
  }

  /** The text of a row's line. */
  text(row: number): string {
    const log = this.#logs.get(this.table.state(row))!;
    return decoder.decode(log.read(this.table.line(row)));
  }

  /** Appends a row's line. */
  append(row: number, state: number, text: string): void {
    const { offset, length } = this.#logs.get(state)!.append(text);
    this.table.setLine(row, state, offset, length);
  }

  /**
   * Leaves in records and rejects only what is marked as this shard's; `mine` gives those rows in
   * order. Whatever is killed on the way, no line is lost. Ids are not found any more after it.
   */
  tidy(mine: () => Iterable<number>): void {
    for (const kind of KINDS) this.#tidy(kind, mine);
    this.#versions = new IdTable();
    this.table.endFinding();
  }

  /** Puts records and rejects into the order of `mine`. */
  settle(mine: () => Iterable<number>): void {
    for (const kind of KINDS) this.#rewrite(kind, mine);
  }

  /** The files as they stand, hashed; each line's text is shown to `visit` on the way. */
  outputs(out: string, visit: (text: string, isReject: boolean) => void): FileEntry[] {
    return KINDS.map((kind) => {
      const hash = createHash("sha256"), log = this.#logs.get(kind)!;
      let rows = 0;
      log.load((text) => {
        rows++;
        visit(text, kind === State.rejected);
        return true;
      }, (bytes) => hash.update(bytes));
      return { path: relative(out, log.path), sha256: hash.digest("hex"), rows };
    });
  }

  close(): void {
    for (const log of this.#logs.values()) log.close();
  }

  #open(state: number): LineLog {
    let log = this.#logs.get(state);
    if (!log) this.#logs.set(state, log = this.#folder.openLog(FOLDERS[state]!));
    return log;
  }

  #isThere(state: number): boolean {
    const { out, shard, disk } = this.#folder;
    try {
      disk.statSync(join(out, FOLDERS[state]!, `${partName(shard)}.jsonl`));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  #load(state: number, say: (line: string) => void): void {
    const log = this.#open(state);
    const { bad, torn } = log.load((text, place) => {
      const line = readKeyedLine(text);
      if (!line) return false;
      const hash = hash64(line.id);
      if (state === State.kept || state === State.rejected) {
        this.#loaded(this.table.row(hash).row, state, line.key, place);
      } else this.#keepVersion(hash, state, line.key, place);
      return true;
    });
    if (bad > 0) {
      say(`${log.path}: ${bad} damaged line(s) dropped; their prompts are done again`);
    }
    if (torn > 0) say(`${log.path}: an unfinished last line was dropped; its prompt is done again`);
  }

  /** A later line of a file is the newer one; a reject stands back behind a record. */
  #loaded(row: number, state: number, key: bigint, place: LinePlace): void {
    const { table } = this, before = table.state(row);
    if (before === State.kept && state === State.rejected) {
      if (table.key(row) !== key) this.#keepVersion(table.hash(row), state, key, place);
      return;
    }
    if (before !== State.absent && table.key(row) !== key) this.#yieldPlace(row);
    table.setKey(row, key);
    table.setLine(row, state, place.offset, place.length);
  }

  /** The row's line is not its own any more, but is still known. */
  #yieldPlace(row: number): void {
    const { table } = this, state = table.state(row);
    if (state === State.absent) return;
    this.#keepVersion(table.hash(row), state, table.key(row), table.line(row));
    table.clear(row);
  }

  #keepVersion(hash: bigint, state: number, key: bigint, { offset, length }: LinePlace): void {
    const { row } = this.#versions.row(versionOf(hash, key));
    this.#versions.setLine(row, state, offset, length);
  }

  #tidy(kind: number, mine: () => Iterable<number>): void {
    const { table } = this, versions = this.#versions, current = this.#logs.get(kind)!;
    const leaving = [
      ...placesOf(versions, (row) => versions.state(row) === kind),
      ...placesOf(table, (row) => {
        if (table.state(row) !== kind || table.has(row, Mark.mine)) return false;
        // Set aside already by a process that was killed before it went on.
        const version = versions.find(versionOf(table.hash(row), table.key(row)));
        return version === undefined || versions.state(version) !== aside(kind);
      }),
    ].sort(byOffset);
    const staying = [
      ...placesOf(versions, (row) => versions.state(row) === aside(kind)),
      ...placesOf(table, (row) => table.state(row) === aside(kind) && !table.has(row, Mark.mine)),
    ].sort(byOffset);
    this.#setAside += leaving.length + staying.length;
    if (leaving.length > 0) {
      const into = this.#open(aside(kind));
      for (const place of leaving) {
        staying.push(into.append(decoder.decode(current.read(place)).trimEnd()));
      }
      into.syncNow();
    }
    let bytes = 0, returning = 0;
    for (const row of mine()) {
      if (table.state(row) === kind) bytes += table.line(row).length + 1;
      if (table.state(row) === aside(kind)) returning++;
    }
    if (returning === 0 && bytes === current.size) return;
    this.#rewrite(kind, mine);
    if (returning === 0) return;
    const from = this.#logs.get(aside(kind))!;
    from.rewrite(function* () {
      for (const place of staying) yield from.read(place);
    }());
  }

  /** Puts a kind's lines into order, those that were set aside among them. */
  #rewrite(kind: number, mine: () => Iterable<number>): void {
    const { table } = this, log = this.#logs.get(kind)!;
    const isOf = (row: number) => table.state(row) === kind || table.state(row) === aside(kind);
    let offset = 0, sorted = true;
    for (const row of mine()) {
      if (!isOf(row)) continue;
      const line = table.line(row);
      sorted &&= table.state(row) === kind && line.offset === offset;
      offset += line.length + 1;
    }
    if (sorted && offset === log.size) return;
    const logs = this.#logs;
    log.rewrite(function* () {
      for (const row of mine()) {
        if (isOf(row)) yield logs.get(table.state(row))!.read(table.line(row));
      }
    }());
    offset = 0;
    for (const row of mine()) {
      if (!isOf(row)) continue;
      const { length } = table.line(row);
      table.setLine(row, kind, offset, length);
      offset += length + 1;
    }
  }
}

function* placesOf(table: IdTable, is: (row: number) => boolean): Generator<LinePlace> {
  for (let row = 0; row < table.size; row++) if (is(row)) yield table.line(row);
}

const byOffset = (a: LinePlace, b: LinePlace) => a.offset - b.offset;

/** Names a line of an id: another key is another line. */
function versionOf(id: bigint, key: bigint): bigint {
  return BigInt.asUintN(64, id * 0x9e3779b97f4a7c15n ^ key);
}
