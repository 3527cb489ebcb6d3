/** Rejects as a frame. */
import type { DataFrame } from "../core/frame.ts";
import { readRejects } from "../io/records/read_rejects.ts";
import { frameOf, text } from "./frames.ts";

/** The rejects of a run or a dataset: `id`, `stage`, `reason`, `detail`, a row a prompt. */
export async function rejectsFrame(out: string): Promise<DataFrame> {
  const kinds = text("id", "stage", "reason", "detail");
  return await frameOf(readRejects(out), kinds, function* (reject) {
    yield reject;
  });
}
