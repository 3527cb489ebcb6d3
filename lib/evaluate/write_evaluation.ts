/** The file of an evaluation. */
import { basename, dirname, join } from "node:path";
import { InputError, messageOf } from "../core/errors.ts";
import { stemBeside } from "../core/name_beside.ts";
import type { Evaluation } from "./evaluate.ts";

/** Writes an evaluation as JSON, whole or not at all. Throws `InputError`. */
export async function writeEvaluation(out: string, evaluation: Evaluation): Promise<void> {
  const temporary = join(dirname(out), `${stemBeside(basename(out))}.tmp`);
  try {
    await Deno.mkdir(dirname(out), { recursive: true });
    await Deno.writeTextFile(temporary, JSON.stringify(evaluation, null, 2) + "\n");
    await Deno.rename(temporary, out);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new InputError(`${out}: cannot be written: ${messageOf(error)}`);
  }
}
