/** What was decided by hand, as a frame. */
import { isFile } from "../core/file_kind.ts";
import type { DataFrame } from "../core/frame.ts";
import { readDecisions } from "../io/records/read_decisions.ts";
import { frameOf, integer, text } from "../view/frames.ts";
import { decisionsBeside } from "./stage.ts";

/**
 * The decisions that count of a run that `explore(run)` showed, or of a decisions file: a row each
 * with `id`, `action`, `chosen`, `rejected` and `comment`.
 *
 * @throws {InputError} where there is no such file, or a line of it breaks a rule.
 */
export async function decisions(runOrFile: string): Promise<DataFrame> {
  const beside = decisionsBeside(runOrFile);
  const path = isFile(beside) ? beside : runOrFile;
  const kinds = {
    ...text("id", "action"),
    ...integer("chosen", "rejected"),
    ...text("comment"),
  };
  const rows = (await readDecisions(path)).values();
  return await frameOf(rows, kinds, function* (decision) {
    yield decision;
  });
}
