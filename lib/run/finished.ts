/** What a shard of a run has finished already, read beside it: nothing is locked or mended. */
import type { Json } from "../core/canonical.ts";
import { isFile } from "../core/file_kind.ts";
import { readLines } from "../io/rows/lines.ts";
import { readManifest } from "../io/records/manifest_file.ts";
import { readKeyedLine, workKey } from "./keyed_line.ts";
import { isAskedAgain } from "./ledger.ts";
import { runFiles } from "./run_files.ts";
import type { Shard } from "./shard.ts";

/** How an item of this id and content ended; undefined where it is still to be done. */
export type Finished = (id: string, content: Json) => "kept" | "rejected" | undefined;

/** Reads a shard's records and rejects. */
export async function finishedIn(
  { out, retryRejects }: { out: string; retryRejects: readonly string[] },
  shard: Shard,
): Promise<Finished> {
  const { records, rejects, manifest } = runFiles(out, shard);
  const fingerprint = readManifest(manifest)?.fingerprint;
  const done = new Map<string, { key: bigint; as: "kept" | "rejected" }>();
  for (const [file, as] of [[records, "kept"], [rejects, "rejected"]] as const) {
    if (!isFile(file)) continue;
    for await (const { text } of readLines(file)) {
      // A line that a run is just writing, or that was damaged, is done again.
      const line = readKeyedLine(text);
      if (line === undefined) continue;
      if (as === "rejected" && isAskedAgain(JSON.parse(text).reason, retryRejects)) continue;
      done.set(line.id, { key: line.key, as });
    }
  }
  return (id, content) => {
    const line = done.get(id);
    if (line === undefined || fingerprint === undefined) return line?.as;
    return line.key === workKey(fingerprint, content) ? line.as : undefined;
  };
}
