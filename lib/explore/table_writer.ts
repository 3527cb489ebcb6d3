/** Rows on their way into a table of DuckDB. */
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";

/** Chunks that wait for being put away together. */
const CHUNKS = 16;

/** Rows on their way into a table, a chunk at a time. */
export class TableWriter {
  rows = 0;
  readonly #appender: DuckDBAppender;
  /** One for all rows: what a chunk holds lies outside of what V8 counts as garbage. */
  readonly #chunk: DuckDBDataChunk;
  readonly #columns: DuckDBValue[][];
  #chunks = 0;

  private constructor(types: DuckDBType[], appender: DuckDBAppender) {
    this.#appender = appender;
    this.#chunk = DuckDBDataChunk.create(types);
    this.#columns = types.map(() => []);
  }

  static async create(
    connection: DuckDBConnection,
    name: string,
    columns: Record<string, DuckDBType>,
  ): Promise<TableWriter> {
    const fields = Object.entries(columns).map(([field, type]) => `"${field}" ${type}`);
    await connection.run(`CREATE TABLE ${name} (${fields.join()})`);
    return new TableWriter(Object.values(columns), await connection.createAppender(name));
  }

  add(values: DuckDBValue[]): void {
    this.rows++;
    values.forEach((value, at) => this.#columns[at]!.push(value));
    if (this.#columns[0]!.length === 2048) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#appender.closeSync();
  }

  #flush(): void {
    if (this.#columns[0]!.length === 0) return;
    this.#chunk.reset();
    this.#chunk.setColumns(this.#columns);
    this.#appender.appendDataChunk(this.#chunk);
    if (++this.#chunks % CHUNKS === 0) this.#appender.flushSync();
    for (const column of this.#columns) column.length = 0;
  }
}
