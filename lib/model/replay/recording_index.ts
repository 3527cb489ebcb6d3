/** Finds replies in a recording, or records in an earlier run's file, without holding their text. */
import { InputError, messageOf } from "../../core/errors.ts";
import { jsonValue } from "../../core/json_value.ts";
import { hash64 } from "../../core/hash64.ts";
import { readLines } from "../../io/rows/lines.ts";
import { readAt } from "../../io/disk/read_at.ts";
import { IdTable, State } from "../../run/id_table.ts";
import { RecordingHeading } from "./recording.ts";

/** What a file of replies is: our own recording, or plain records of a stage. */
export type RecordingForm = "recording" | "teacher" | "policy";

/** A file of replies with an index of about 60 bytes a line in memory; the text stays on disk. */
export interface RecordingIndex {
  readonly form: RecordingForm;
  readonly heading: RecordingHeading;
  readonly lines: number;
  /** The line of a request key (recordings) or a prompt id (records), parsed; undefined if none. */
  find(name: string): unknown;
  close(): void;
}

const NAME_FIRST = /^\{"(?:key|id)":("(?:[^"\\]|\\.)*")/;

/**
 * Opens and indexes a file of replies. Where a name stands twice, the last line wins, as an
 * interrupted run may have asked again; an unfinished last line is left out.
 *
 * Throws `InputError` for a file that is missing, empty, compressed, or of another form.
 */
export async function openRecording(path: string): Promise<RecordingIndex> {
  if (path.endsWith(".gz")) {
    throw new InputError(`${path}: unpack it first: replies are read in place`);
  }
  const table = new IdTable();
  let form: RecordingForm | undefined, heading: RecordingHeading | undefined;
  for await (const { text, line, offset, end, terminated } of readLines(path)) {
    if (text.trim() === "") continue;
    const where = `${path}:${line}`;
    if (form === undefined) {
      ({ form, heading } = formOf(parse(text, where), where));
      if (form === "recording") continue;
    }
    const name = nameOf(text, form, where, terminated);
    if (name === undefined) continue;
    const { row } = table.row(hash64(name));
    table.setLine(row, State.kept, offset, end - offset);
  }
  if (form === undefined || heading === undefined) {
    throw new InputError(`${path}: no replies in it`);
  }
  const file = await Deno.open(path, { read: true });
  return {
    form,
    heading,
    lines: table.size,
    find(name) {
      const row = table.find(hash64(name));
      if (row === undefined) return undefined;
      const { offset, length } = table.line(row), bytes = new Uint8Array(length);
      readAt(file, bytes, { offset, path });
      return parse(new TextDecoder().decode(bytes), `${path} at byte ${offset}`);
    },
    close: () => file.close(),
  };
}

function formOf(
  first: unknown,
  where: string,
): { form: RecordingForm; heading: RecordingHeading } {
  const heading = RecordingHeading.safeParse(first);
  if (heading.success) return { form: "recording", heading: heading.data };
  const fields = (typeof first === "object" && first !== null ? first : {}) as Record<
    string,
    unknown
  >;
  const model = typeof fields.model === "string" ? fields.model : "replay";
  // Records are found by their prompt's id, so it does not matter what was added to the prompt.
  const plain = { recording: 1, model, promptsForTags: true } as const;
  if (typeof fields.id === "string" && "response" in fields) {
    return { form: "teacher", heading: plain };
  }
  if (typeof fields.id === "string" && Array.isArray(fields.responses)) {
    return { form: "policy", heading: plain };
  }
  throw new InputError(
    `${where}: neither a recording (made by --record) nor a teacher or policy record`,
  );
}

function nameOf(
  text: string,
  form: RecordingForm,
  where: string,
  terminated: boolean,
): string | undefined {
  if (!terminated && jsonValue(text) === undefined) return undefined;
  const quick = NAME_FIRST.exec(text)?.[1];
  const field = form === "recording" ? "key" : "id";
  if (quick !== undefined && text.startsWith(`{"${field}"`)) return JSON.parse(quick) as string;
  const row = parse(text, where) as Record<string, unknown> | null;
  if (form === "recording" && RecordingHeading.safeParse(row).success) return undefined;
  const name = row?.[field];
  if (typeof name !== "string") throw new InputError(`${where}: ${field}: must be a text`);
  return name;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${where}: not JSON: ${messageOf(error)}`);
  }
}
