/// <reference lib="dom" />
/** A bundle's files beside the page: the same as a server gives, but for deciding. */
import { type AsyncBuffer, parquetReadObjects } from "hyparquet";
import { decodeData, type ExplorerData } from "../columns.ts";
import { viewOf } from "../prompt_view.ts";
import type { Search } from "../requests.ts";
import { foundRecord, SEARCHED } from "../stored_rows.ts";
import type { RowMask } from "../../training/row_masks.ts";
import type { Decided, Source } from "./source.ts";

type Fields = Record<string, unknown>;
type Part = { rowStart?: number; rowEnd?: number; columns?: string[] };

/** Rows of `replies.parquet` that are read at once. */
const AT_ONCE = 4096;

/** Reads the files that `--bundle` wrote. */
class FilesSource implements Source {
  #data: ExplorerData | undefined;
  #prompts: Promise<Fields[]> | undefined;
  readonly #files = new Map<string, Promise<AsyncBuffer>>();

  async data(): Promise<ExplorerData> {
    return this.#data ??= decodeData(await bytesOf("columns.bin"));
  }

  async previews(rows: readonly number[]) {
    const prompts = await this.#texts();
    return rows.flatMap((row) => {
      const fields = prompts[row];
      return fields
        ? [{ row, id: String(fields.id), text: String(fields.prompt).slice(0, 400) }]
        : [];
    });
  }

  async prompt(row: number, whole: string | null) {
    const data = await this.data();
    const key = data.keys[row];
    if (key === undefined) throw new Error("no such prompt");
    const others = [...data.keys.keys()].filter((other) =>
      other !== row && data.keys[other] === key
    );
    const found = [];
    for (const one of [row, ...others.slice(0, 5)]) {
      const [prompt] = await this.#rows("prompts", { rowStart: one, rowEnd: one + 1 });
      const range = { rowStart: data.first[one]!, rowEnd: data.first[one + 1]! };
      found.push(foundRecord(prompt!, await this.#rows("replies", range)));
    }
    return viewOf(found, data.runs.map(({ name }) => name), { whole });
  }

  mask(): Promise<RowMask> {
    return Promise.reject(new Error("these are files: no tokenizer is at hand"));
  }

  async search({ pattern, regex, where }: Search): Promise<Uint32Array> {
    const { first } = await this.data();
    const test = tester(pattern, regex);
    const found = new Set<number>();
    const { prompt, reply } = SEARCHED[where];
    if (prompt.length > 0) {
      (await this.#texts()).forEach((fields, row) => {
        if (!prompt.some((column) => test(fields[column]))) return;
        for (let at = first[row]!; at < first[row + 1]!; at++) found.add(at);
      });
    }
    const columns = [...reply];
    const replies = columns.length === 0 ? 0 : first.at(-1)!;
    for (let rowStart = 0; rowStart < replies; rowStart += AT_ONCE) {
      const rowEnd = Math.min(replies, rowStart + AT_ONCE);
      (await this.#rows("replies", { rowStart, rowEnd, columns })).forEach((fields, at) => {
        if (columns.some((column) => test(fields[column]))) found.add(rowStart + at);
      });
    }
    return Uint32Array.from(found).sort();
  }

  async decisions(): Promise<Decided> {
    return JSON.parse(new TextDecoder().decode(await bytesOf("decisions.json")));
  }

  decide(): Promise<Decided> {
    return Promise.reject(new Error("these are files: nothing can be decided here"));
  }

  undo(): Promise<Decided> {
    return this.decide();
  }

  #texts(): Promise<Fields[]> {
    return this.#prompts ??= this.#rows("prompts", { columns: ["id", "prompt"] });
  }

  async #rows(name: string, part: Part): Promise<Fields[]> {
    let file = this.#files.get(name);
    if (file === undefined) {
      // Whole: a server may not give parts, and a browser keeps it.
      this.#files.set(name, file = bytesOf(`${name}.parquet`));
    }
    return await parquetReadObjects({ file: await file, ...part }) as Fields[];
  }
}

/** A file of the bundle: put into the page, or beside it where that would be too much. */
async function bytesOf(name: string): Promise<ArrayBuffer> {
  const inPage = document.getElementById(`data/${name}`);
  if (inPage !== null) {
    const text = atob(inPage.textContent!);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
    inPage.remove();
    return bytes.buffer;
  }
  const response = await fetch(`./data/${name}`).catch(() => null);
  if (!response?.ok) throw new Error(`data/${name} is not there: serve the whole folder`);
  return await response.arrayBuffer();
}

/** Whether a text holds what is looked for, whatever its case. */
function tester(pattern: string, regex: boolean): (text: unknown) => boolean {
  if (regex) {
    const expression = new RegExp(pattern, "is");
    return (text) => typeof text === "string" && expression.test(text);
  }
  const plain = pattern.toLowerCase();
  return (text) => typeof text === "string" && text.toLowerCase().includes(plain);
}

/** The bundle's files. */
export const filesSource: Source = new FilesSource();
