/** The decisions file: what was decided by hand, the last line of an id counting. */
import { Decision } from "../../core/decisions.ts";
import { InputError } from "../../core/errors.ts";
import { firstFault } from "../../core/rule_words.ts";
import type { ReadBytesOptions } from "../disk/bytes.ts";
import { parseJson } from "../rows/parse_json.ts";
import { readLines } from "../rows/lines.ts";

/**
 * Streams the lines of a decisions file in their order, superseded ones too.
 *
 * @throws {InputError} naming the file, the line, the field and the rule; also where there is no
 * such file.
 */
export async function* readDecisionLines(
  path: string,
  options: ReadBytesOptions = {},
): AsyncGenerator<Decision> {
  for await (const { text, line } of readLines(path, options)) {
    if (text.trim() === "") continue;
    const where = `${path}:${line}`;
    const parsed = Decision.safeParse(parseJson(text, where));
    if (!parsed.success) {
      const { field, rule } = firstFault(parsed.error);
      throw new InputError(`${where}: ${field || "line"}: ${rule}`);
    }
    yield parsed.data;
  }
}

/**
 * The decisions that count, by id.
 *
 * @throws {InputError} as {@link readDecisionLines}.
 */
export async function readDecisions(
  path: string,
  options: ReadBytesOptions = {},
): Promise<Map<string, Decision>> {
  const decisions = new Map<string, Decision>();
  for await (const decision of readDecisionLines(path, options)) {
    decisions.set(decision.id, decision);
  }
  return decisions;
}
