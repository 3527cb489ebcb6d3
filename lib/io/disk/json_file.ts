/** A file of JSON, held to the schema of who wrote it. */
import type { z } from "zod";
import { type Disk, realDisk } from "../../core/disk.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { firstFault } from "../../core/rule_words.ts";
import { fileError } from "./bytes.ts";

/**
 * What a JSON file says; undefined where there is no such file.
 *
 * @throws {InputError} naming the file, the field and the rule; its cause is the `SyntaxError` of
 * text that is no JSON.
 */
export function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  disk: Pick<Disk, "readTextFileSync"> = realDisk,
): T | undefined {
  let json: unknown;
  try {
    json = JSON.parse(disk.readTextFileSync(path));
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    if (!(error instanceof SyntaxError)) throw fileError(path, error);
    throw new InputError(`${path}: not JSON: ${messageOf(error)}`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { field, rule } = firstFault(parsed.error);
  throw new InputError(`${path}: ${field && `field ${field}: `}${rule}`);
}
