/** Rows on their way into a table of DuckDB. */
import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import type { Columns } from "./store_tables.ts";

/** Rows that wait in memory for being put away together. */
const AT_ONCE = 32_768;

/** Puts rows into a new table, one by one. */
export class TableWriter<T> {
  rows = 0;

  private constructor(readonly columns: Columns<T>, readonly appender: DuckDBAppender) {}

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
    const { appender } = this;
    for (const [, of] of Object.values(this.columns)) {
      const value = of(from);
      if (value === null) appender.appendNull();
      else if (typeof value === "string") appender.appendVarchar(value);
      else appender.appendDouble(value);
    }
    appender.endRow();
    if (++this.rows % AT_ONCE === 0) appender.flushSync();
  }

  close(): void {
    this.appender.closeSync();
  }
}
