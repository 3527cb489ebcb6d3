/** Rejects as a frame. */
import pl from "nodejs-polars";
import type { DataFrame } from "../core/frame.ts";
import { readRejects } from "../io/records/read_rejects.ts";

/** The rejects of a run or a dataset: `id`, `stage`, `reason`, `detail`, a row a prompt. */
export async function rejectsFrame(out: string): Promise<DataFrame> {
  const rejects = await Array.fromAsync(readRejects(out));
  return pl.DataFrame(
    (["id", "stage", "reason", "detail"] as const).map((name) =>
      pl.Series(name, rejects.map((reject) => reject[name]), pl.Utf8)
    ),
  );
}
