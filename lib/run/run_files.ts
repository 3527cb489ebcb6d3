/** The paths of a run's shards. */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import { partName, type Shard } from "./shard.ts";

/** The paths of one shard of a run. */
export interface RunFiles {
  records: string;
  rejects: string;
  /** The shard's own manifest: OUT/manifest.json itself where there is one shard. */
  manifest: string;
  lock: string;
}

/** The paths of a shard under OUT. */
export function runFiles(out: string, shard: Shard): RunFiles {
  const part = partName(shard);
  return {
    records: join(out, "records", `${part}.jsonl`),
    rejects: join(out, "rejects", `${part}.jsonl`),
    manifest: shard.count === 1 ? join(out, "manifest.json") : join(out, "shards", `${part}.json`),
    lock: join(out, `.lock-${part}`),
  };
}

/** Refuses an OUT whose records were cut into another number of shards. */
export function checkShardCount(out: string, shard: Shard): void {
  for (const name of namesIn(join(out, "records"))) {
    const count = /^part-\d+-of-(\d+)\.jsonl$/.exec(name)?.[1];
    if (count !== undefined && Number(count) !== shard.count) {
      throw new InputError(
        `${out}: holds a run in ${Number(count)} shard(s), this one is in ${shard.count}: ` +
          `give the same number, or choose another --out`,
      );
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch {
    return [];
  }
}
