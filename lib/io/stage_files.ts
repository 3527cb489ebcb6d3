/** The record files of an earlier stage's OUT, checked against its manifest. */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import { Manifest } from "../core/manifest.ts";
import { ruleWords } from "../core/rule_words.ts";
import { namesIn, readJsonFile, statOf } from "./folder.ts";

/** The file name of a shard's records or rejects: `part-00000-of-00001.jsonl`. */
function shardName(index: number, count: number): string {
  return `part-${String(index).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.jsonl`;
}

/**
 * The paths of a run's records, shard by shard.
 *
 * @throws {InputError} where a shard is missing or not done, unless partial runs are allowed.
 */
export async function stageFiles(out: string, allowPartial: boolean): Promise<string[]> {
  const present = new Set(await namesIn(join(out, "records")));
  const path = (name: string) => join(out, "records", name);
  if (!(await statOf(join(out, "manifest.json")))?.isFile) {
    if (!allowPartial) {
      throw new InputError(
        `${out}: no manifest.json: no shard of this run is done: run the stage again, or pass --allow-partial`,
      );
    }
    return [...present].filter((name) => /^part-\d+-of-\d+\.jsonl$/.test(name)).map(path);
  }
  const manifest = Manifest.pick({ status: true, shard: true, shards: true, counts: true })
    .safeParse(await readJsonFile(join(out, "manifest.json")));
  if (!manifest.success) {
    const issue = manifest.error.issues[0]!;
    throw new InputError(
      `${out}/manifest.json: field ${issue.path.join(".")}: ${ruleWords(issue)}`,
    );
  }
  const { status, shard, shards, counts } = manifest.data;
  const count = shards?.count ?? shard.count;
  const done = new Set(shards?.done ?? (status === "done" ? [shard.index] : []));
  const files: string[] = [];
  for (let index = 0; index < count; index++) {
    const name = shardName(index, count);
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
