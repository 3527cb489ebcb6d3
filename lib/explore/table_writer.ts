/** Rows on their way into a table of DuckDB. */
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { Columns } from "./store_tables.ts";

/** Chunks that wait for being put away together. */
const CHUNKS = 16;

/** Rows on their way into a table, a chunk at a time. */
export class TableWriter<T> {
  rows = 0;
  readonly #appender: DuckDBAppender;
  /** One for all rows: what a chunk holds lies outside of what V8 counts as garbage. */
  readonly #chunk: DuckDBDataChunk;
  readonly #columns: { of: (from: T) => DuckDBValue; values: DuckDBValue[] }[];
  #chunks = 0;

  private constructor(columns: Columns<T>, appender: DuckDBAppender) {
    this.#appender = appender;
    const all = Object.values(columns);
    this.#chunk = DuckDBDataChunk.create(all.map(([type]) => type));
    this.#columns = all.map(([, of]) => ({ of, values: [] }));
  }

  static async create<T>(
    connection: DuckDBConnection,
    name: string,
    columns: Columns<T>,
  ): Promise<TableWriter<T>> {
    const fields = Object.entries(columns).map(([field, [type]]) => `"${field}" ${type}`);
    await connection.run(`CREATE TABLE ${name} (${fields.join()})`);
    return new TableWriter(columns, await connection.createAppender(name));
  }

  add(from: T): void {
    this.rows++;
    for (const { of, values } of this.#columns) values.push(of(from));
    if (this.#columns[0]!.values.length === 2048) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#appender.closeSync();
  }

  #flush(): void {
    if (this.#columns[0]!.values.length === 0) return;
    this.#chunk.reset();
    this.#chunk.setColumns(this.#columns.map(({ values }) => values));
    this.#appender.appendDataChunk(this.#chunk);
    if (++this.#chunks % CHUNKS === 0) this.#appender.flushSync();
    for (const { values } of this.#columns) values.length = 0;
  }
}
