/** The prompts that a run or a dataset gave up, and why. */
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { isFile } from "../../core/file_kind.ts";
import { jsonValue } from "../../core/json_value.ts";
import { Reject } from "../../core/records.ts";
import { firstFault } from "../../core/rule_words.ts";
import { readLines } from "../rows/lines.ts";

/**
 * Reads the rejects of a run (`OUT/rejects/*.jsonl`) or of a dataset (`OUT/rejects.jsonl`), in the
 * order of the files' names; none where nothing was rejected.
 *
 * @throws InputError Naming the file and line that is no reject.
 */
export async function* readRejects(out: string): AsyncGenerator<Reject> {
  for (const file of rejectFiles(out)) yield* readRejectsFile(file);
}

/** Reads one file of rejects. Throws `InputError` naming the file and line that is no reject. */
export async function* readRejectsFile(file: string): AsyncGenerator<Reject> {
  for await (const { text, line } of readLines(file)) {
    if (text === "") continue;
    const { data, error } = Reject.safeParse(jsonValue(text));
    if (error !== undefined) {
      const { field, rule } = firstFault(error);
      throw new InputError(`${file}:${line}: not a reject: ${field && `${field}: `}${rule}`);
    }
    yield data;
  }
}

function rejectFiles(out: string): string[] {
  const folder = join(out, "rejects");
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.endsWith(".jsonl")).sort().map((name) => join(folder, name));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const file = join(out, "rejects.jsonl");
  if (isFile(file)) return [file];
  throw new InputError(`${out}: neither a run nor a dataset: no rejects there`);
}
