/** The texts of all prompts and replies, in a DuckDB file of a temporary folder. */
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { join } from "node:path";
import { InputError, messageOf } from "../core/errors.ts";
import {
  PROMPTS,
  REPLIES,
  type StoredPrompt,
  storedReplies,
  type StoredReply,
} from "./store_tables.ts";
import { TableWriter } from "./table_writer.ts";
import {
  type FoundRecord,
  foundRecord,
  SEARCHED,
  type Searched,
  type StoredRecord,
} from "./stored_rows.ts";

/** Texts by row: added once in their order, then only read. */
export class TextStore implements AsyncDisposable {
  private constructor(
    private readonly folder: string,
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly prompts: TableWriter<StoredPrompt>,
    private readonly replies: TableWriter<StoredReply>,
  ) {}

  /** An empty store in a new temporary folder, which `[Symbol.asyncDispose]` removes. */
  static async open(): Promise<TextStore> {
    const folder = await Deno.makeTempDir({ prefix: "thinkset-explore-" });
    const settings = { memory_limit: "256MB", threads: "2", preserve_insertion_order: "true" };
    const instance = await DuckDBInstance.create(join(folder, "texts.duckdb"), settings);
    const connection = await instance.connect();
    const tables = await Promise.all([
      TableWriter.create(connection, "prompts", PROMPTS),
      TableWriter.create(connection, "replies", REPLIES),
    ]);
    return new TextStore(folder, instance, connection, ...tables);
  }

  /** Takes the next prompt. */
  add(stored: StoredRecord): void {
    const row = this.prompts.rows;
    this.prompts.add({ ...stored, row });
    for (const reply of storedReplies(stored, this.replies.rows, row)) this.replies.add(reply);
  }

  /**
   * Ends adding. The file's name goes, where the system lets it: what is open stays there to be read,
   * and nothing is left behind however this process ends.
   */
  async close(): Promise<void> {
    this.prompts.close();
    this.replies.close();
    await this.connection.run("CHECKPOINT");
    await removed(this.folder);
  }

  /** Ids and the beginnings of prompts, in the order of the rows asked for. */
  async previews(rows: readonly number[]): Promise<{ row: number; id: string; text: string }[]> {
    const found = await this.#read(
      `SELECT prompt_row, id, left(prompt, 400) AS text FROM prompts WHERE prompt_row IN (${
        list(rows)
      })`,
    );
    const byRow = new Map(found.map((fields) => [Number(fields.prompt_row), fields]));
    return rows.flatMap((row) => {
      const fields = byRow.get(row);
      return fields ? [{ row, id: String(fields.id), text: String(fields.text) }] : [];
    });
  }

  /** The ids of rows. */
  async ids(rows: readonly number[]): Promise<string[]> {
    const ids: string[] = [];
    for (let at = 0; at < rows.length; at += 10_000) {
      const found = await this.#read(
        `SELECT DISTINCT id FROM prompts WHERE prompt_row IN (${
          list(rows.slice(at, at + 10_000))
        })`,
      );
      for (const { id } of found) ids.push(String(id));
    }
    return [...new Set(ids)];
  }

  /** The rows of every prompt with one of the ids, with its id. */
  async rowsOf(ids: readonly string[]): Promise<Map<string, number[]>> {
    const rows = new Map<string, number[]>();
    for (let at = 0; at < ids.length; at += 1000) {
      const some = ids.slice(at, at + 1000);
      const marks = some.map((_, index) => `$${index + 1}`).join();
      const found = await this.#read(
        `SELECT id, prompt_row FROM prompts WHERE id IN (${marks}) ORDER BY prompt_row`,
        some,
      );
      for (const { id, prompt_row } of found) {
        rows.set(String(id), [...rows.get(String(id)) ?? [], Number(prompt_row)]);
      }
    }
    return rows;
  }

  /** What tells of prompts by id, each with the rows that have its id. */
  async withRows<T extends { id: string }>(
    given: Iterable<T>,
  ): Promise<(T & { rows: number[] })[]> {
    const all = [...given];
    const rows = await this.rowsOf(all.map(({ id }) => id));
    return all.map((one) => ({ ...one, rows: rows.get(one.id) ?? [] }));
  }

  /** The prompt of a row with its replies; undefined where there is no such row. */
  async record(row: number): Promise<FoundRecord | undefined> {
    const [prompt] = await this.#read("SELECT * FROM prompts WHERE prompt_row = $1", [row]);
    if (prompt === undefined) return undefined;
    const replies = await this.#read(
      "SELECT * FROM replies WHERE prompt_row = $1 ORDER BY reply_row",
      [row],
    );
    return foundRecord(prompt, replies);
  }

  /**
   * The rows of replies in which, or in whose prompt, a text stands: case does not count. `regex`
   * takes it as a regular expression (RE2: it takes linear time, whatever it is).
   *
   * @throws {InputError} for a wrong expression.
   */
  async search(pattern: string, { regex, where }: { regex: boolean; where: Searched }) {
    const has = (column: string) =>
      regex ? `regexp_matches(${column}, $1, 'is')` : `contains(lower(${column}), lower($1))`;
    const { reply, prompt } = SEARCHED[where];
    const inReply = reply.map((column) => `coalesce(${has(column)}, false)`);
    const inPrompt = prompt.length === 0
      ? []
      : [`prompt_row IN (SELECT prompt_row FROM prompts WHERE ${prompt.map(has).join(" OR ")})`];
    const condition = [...inReply, ...inPrompt].join(" OR ");
    try {
      const found = await this.connection.runAndReadAll(
        `SELECT reply_row FROM replies WHERE ${condition} ORDER BY reply_row`,
        [pattern],
      );
      return Uint32Array.from(found.getColumns()[0] as number[] ?? []);
    } catch (error) {
      throw new InputError(`${pattern}: ${messageOf(error)}`);
    }
  }

  /** Writes everything as two Parquet files into a folder. */
  async writeParquet(folder: string): Promise<void> {
    // In the order in which they were added, which DuckDB keeps.
    for (const name of ["prompts", "replies"]) {
      const path = join(folder, `${name}.parquet`).replaceAll("'", "''");
      await this.connection.run(
        `COPY (SELECT * FROM ${name}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 4096)`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    await removed(this.folder);
  }

  async #read(sql: string, values: DuckDBValue[] = []): Promise<Record<string, DuckDBValue>[]> {
    return (await this.connection.runAndReadAll(sql, values)).getRowObjects();
  }
}

async function removed(folder: string): Promise<void> {
  // Windows removes no file that is open: that of a store which is used goes when it is closed.
  await Deno.remove(folder, { recursive: true }).catch(() => {});
}

/** Row numbers for SQL; nothing but numbers can come of it. */
function list(rows: readonly number[]): string {
  return rows.length === 0 ? "-1" : rows.map((row) => Math.trunc(Number(row))).join();
}
