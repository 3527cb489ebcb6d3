/** The prompts that a run or a dataset gave up, and why. */
import { join } from "node:path";
import { InputError, messageOf } from "../core/errors.ts";
import { Reject } from "../core/records.ts";

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
  const lines = (await Deno.readTextFile(file)).split("\n");
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    try {
      yield Reject.parse(JSON.parse(line));
    } catch (error) {
      throw new InputError(`${file}:${index + 1}: not a reject: ${messageOf(error)}`);
    }
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
  try {
    if (Deno.statSync(file).isFile) return [file];
  } catch {
    // Neither: said below.
  }
  throw new InputError(`${out}: neither a run nor a dataset: no rejects there`);
}
