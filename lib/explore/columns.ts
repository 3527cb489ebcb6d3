/**
 * The numbers and categories of all prompts and replies, column by column, as the page filters them.
 * Pure: the page runs this module too.
 */

/** What a column holds: numbers (NaN where there is none) or codes into `names` (0: none). */
export interface ColumnInfo {
  name: string;
  /** What a person reads. */
  label: string;
  of: "prompt" | "reply";
  kind: "number" | "category";
  /** Of a category: the values by their codes. */
  names?: string[];
  /** What the numbers count, for an axis. */
  unit?: string;
}

/** A column with its values, one a prompt or one a reply. */
export interface Column extends ColumnInfo {
  data: Float32Array | Uint16Array;
}

/** A run, a dataset or a file that is looked at. */
export interface RunInfo {
  name: string;
  path: string;
  /** The path as a shell takes it. */
  word: string;
  kind: string;
}

/** Everything but the texts. */
export interface ExplorerData {
  title: string;
  runs: RunInfo[];
  /** Reward models by name; the first one's scores are the column `reward`. */
  rewardModels: string[];
  /** How pairs are chosen, in words. */
  pairing: string;
  /** Whose mask is shown of a dataset's rows; null where none is. */
  trainer: string | null;
  /** Remarks for the reader, such as columns that are left out. */
  notes: string[];
  /** The first reply of each prompt, and at the end the number of all replies. */
  first: Uint32Array;
  /** A number for each prompt's id: the same prompt has the same in every run. */
  keys: Uint32Array;
  columns: Column[];
}

/** The first code of a category stands for no value. */
export const NONE = "–";

type Head = Omit<ExplorerData, "first" | "keys" | "columns"> & {
  prompts: number;
  columns: ColumnInfo[];
};

/** Data as bytes: the length of a JSON head, the head, then the columns, each on 8 bytes. */
export function encodeData({ first, keys, columns, ...rest }: ExplorerData): Uint8Array[] {
  const head: Head = {
    ...rest,
    prompts: first.length - 1,
    columns: columns.map(({ data: _, ...info }) => info),
  };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, json.length, true);
  const parts = [length, json, padding(json.length)];
  for (
    const { buffer, byteOffset, byteLength } of [
      first,
      keys,
      ...columns.map(({ data }) => data),
    ]
  ) {
    parts.push(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), padding(byteLength));
  }
  return parts;
}

/** The data of bytes that {@link encodeData} made. */
export function decodeData(bytes: ArrayBuffer): ExplorerData {
  const length = new DataView(bytes).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, 8, length));
  const { prompts, columns: infos, ...rest }: Head = JSON.parse(text);
  let at = 8 + length + padding(length).length;
  const take = <T extends { byteLength: number }>(
    make: new (buffer: ArrayBuffer, offset: number, length: number) => T,
    count: number,
  ): T => {
    const values = new make(bytes, at, count);
    at += values.byteLength + padding(values.byteLength).length;
    return values;
  };
  const first = take(Uint32Array, prompts + 1);
  const keys = take(Uint32Array, prompts);
  const replies = first[prompts]!;
  const columns = infos.map((info): Column => {
    const count = info.of === "prompt" ? prompts : replies;
    return {
      ...info,
      data: info.kind === "number" ? take(Float32Array, count) : take(Uint16Array, count),
    };
  });
  return { ...rest, first, keys, columns };
}

function padding(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((8 - length % 8) % 8);
}

/** The rows of a prompt's replies. */
export function repliesOf({ first }: Pick<ExplorerData, "first">, prompt: number): number[] {
  return Array.from(
    { length: first[prompt + 1]! - first[prompt]! },
    (_, at) => first[prompt]! + at,
  );
}

/** The column of a name, where there is one. */
export function columnOf(data: ExplorerData, name: string): Column | undefined {
  return data.columns.find((column) => column.name === name);
}
