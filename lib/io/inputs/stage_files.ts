/** The record files of an earlier stage's OUT, checked against its manifest. */
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { Manifest } from "../../core/manifest.ts";
import { numberedName } from "../../core/numbered_name.ts";
import { namesIn } from "../disk/folder.ts";
import { readJsonFile } from "../disk/json_file.ts";

/** What of a manifest tells which shards are done. */
const ShardsDone = Manifest.pick({ status: true, shard: true, shards: true, counts: true });

/**
 * The paths of a run's records, shard by shard.
 *
 * @throws {InputError} where a shard is missing or not done, unless partial runs are allowed.
 */
export async function stageFiles(out: string, allowPartial: boolean): Promise<string[]> {
  const present = new Set(await namesIn(join(out, "records")));
  const path = (name: string) => join(out, "records", name);
  const manifest = readJsonFile(join(out, "manifest.json"), ShardsDone);
  if (manifest === undefined) {
    if (!allowPartial) {
      throw new InputError(
        `${out}: no manifest.json: no shard of this run is done: run the stage again, or pass --allow-partial`,
      );
    }
    return [...present].filter((name) => /^part-\d+-of-\d+\.jsonl$/.test(name)).map(path);
  }
  const { status, shard, shards, counts } = manifest;
  const count = shards?.count ?? shard.count;
  const done = new Set(shards?.done ?? (status === "done" ? [shard.index] : []));
  const files: string[] = [];
  for (let index = 0; index < count; index++) {
    const name = `${numberedName("part", index, count)}.jsonl`;
    if (present.has(name)) files.push(path(name));
    if (allowPartial) continue;
    if (!present.has(name)) {
      throw new InputError(
        `${path(name)}: this shard is missing: run it, or pass --allow-partial`,
      );
    }
    if (!done.has(index)) {
      const left = shards === undefined ? ` (${counts.pending} left)` : "";
      throw new InputError(
        `${
          path(name)
        }: this shard is not done${left}: run the stage again, or pass --allow-partial`,
      );
    }
  }
  return files;
}
