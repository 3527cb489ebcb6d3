/** The files of a run: where they are, and how its manifests are written, read and merged. */
import { dirname, join } from "node:path";
import { type Disk, type DiskFile, realDisk, syncFolder } from "../core/disk.ts";
import { InputError } from "../core/errors.ts";
import { jsonValue } from "../core/json_value.ts";
import { Counts, Manifest } from "../core/manifest.ts";
import { ruleWords } from "../core/rule_words.ts";
import { waitForLock } from "./lock.ts";
import { readKeyedLine } from "./keyed_line.ts";
import { cannotKeep } from "./sync_group.ts";
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

/** Reads a manifest; undefined where there is none. Throws `InputError` for one that is broken. */
export function readManifest(path: string, disk: Disk = realDisk): Manifest | undefined {
  const text = textOf(path, disk);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${(error as Error).message}`);
  }
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new InputError(`${path}: field ${issue.path.join(".")}: ${ruleWords(issue)}`);
  }
  return parsed.data;
}

/**
 * The manifest of a shard that is to go on. One that a power cut left empty or in part counts as
 * none where the shard has lines that are whole: each of them tells by its key what made it.
 */
export function manifestToResume(
  files: RunFiles,
  log: (line: string) => void,
  disk: Disk = realDisk,
): Manifest | undefined {
  const text = textOf(files.manifest, disk);
  if (text !== undefined && jsonValue(text) === undefined && holdsKeyedLine(files, disk)) {
    log(`${files.manifest}: not readable any more, as after a power cut: it is made anew`);
    return undefined;
  }
  return readManifest(files.manifest, disk);
}

function textOf(path: string, disk: Disk): string | undefined {
  try {
    return disk.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new InputError(`${path}: cannot read: ${(error as Error).message}`);
  }
}

/** Looks at the first line alone: what a power cut damages is the end of a file. */
function holdsKeyedLine({ records, rejects }: RunFiles, disk: Disk): boolean {
  return [records, rejects].some((path) => {
    const line = firstLine(path, disk);
    return line !== undefined && readKeyedLine(line) !== undefined;
  });
}

function firstLine(path: string, disk: Disk): string | undefined {
  let file: DiskFile;
  try {
    file = disk.openSync(path, { read: true });
  } catch {
    return undefined;
  }
  try {
    const decoder = new TextDecoder(), chunk = new Uint8Array(1 << 16);
    let text = "";
    for (let read; (read = file.readSync(chunk)) !== null;) {
      text += decoder.decode(chunk.subarray(0, read), { stream: true });
      const end = text.indexOf("\n");
      if (end >= 0) return text.slice(0, end);
    }
    return undefined;
  } finally {
    file.close();
  }
}

/** Writes a manifest in one step, to last a power cut. One process at a time: it holds the lock. */
export function writeManifest(path: string, manifest: Manifest, disk: Disk = realDisk): void {
  // One name, so that what a killed process left is written over.
  const temporary = `${path}.tmp`;
  const bytes = new TextEncoder().encode(JSON.stringify(manifest, null, 2) + "\n");
  try {
    const file = disk.openSync(temporary, { write: true, create: true, truncate: true });
    try {
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      file.syncDataSync();
    } finally {
      file.close();
    }
    disk.renameSync(temporary, path);
    syncFolder(dirname(path), disk);
  } catch (error) {
    try {
      disk.removeSync(temporary);
    } catch { /* it was never made */ }
    throw cannotKeep(path, error);
  }
}

/** Writes OUT/manifest.json anew from the manifests of the shards that have one. */
export async function mergeShardManifests(
  out: string,
  shard: Shard,
  disk: Disk = realDisk,
): Promise<void> {
  if (shard.count === 1) return;
  const lock = await waitForLock(join(out, ".lock-manifest"));
  try {
    const parts: Manifest[] = [];
    for (let index = 0; index < shard.count; index++) {
      const files = runFiles(out, { index, count: shard.count });
      const part = manifestToResume(files, () => {}, disk);
      if (part) parts.push(part);
    }
    writeManifest(join(out, "manifest.json"), merged(parts, shard), disk);
  } finally {
    lock.release();
  }
}

/**
 * The shards' account together. The shard that ended last read the input of now: one that read
 * another is not done.
 */
function merged(parts: Manifest[], { index, count }: Shard): Manifest {
  const first = parts.find((part) => part.shard.index === index) ?? parts[0]!;
  const isNow = (part: Manifest) =>
    part.input_digest === first.input_digest && part.fingerprint === first.fingerprint;
  const done = parts.filter((part) => part.status === "done" && isNow(part))
    .map((part) => part.shard.index);
  return {
    ...first,
    status: done.length === count
      ? "done"
      : parts.some((part) => part.status === "running")
      ? "running"
      : "partial",
    outputs: parts.flatMap((part) => part.outputs),
    models: [...new Set(parts.flatMap((part) => part.models))],
    counts: Counts.parse(sum(parts.map((part) => part.counts))),
    extra: sum(parts.map((part) => part.extra ?? {})) as Record<string, unknown>,
    tokens: sum(parts.map((part) => part.tokens)) as Record<string, number>,
    cost: parts.some((part) => part.cost === null)
      ? null
      : parts.reduce((total, part) => total + part.cost!, 0),
    shard: { index: 0, count },
    shards: { count, done },
    failed: parts.flatMap((part) => part.failed).slice(0, 1000),
    started_at: parts.map((part) => part.started_at).sort()[0]!,
    ended_at: parts.map((part) => part.ended_at ?? "").sort().at(-1) || null,
  };
}

/** Adds numbers field by field, at any depth; of anything else the first is kept. */
function sum(values: unknown[]): unknown {
  const present = values.filter((value) => value !== undefined);
  const first = present[0];
  if (typeof first === "number") return (present as number[]).reduce((a, b) => a + b, 0);
  if (first === null || typeof first !== "object" || Array.isArray(first)) return first;
  const keys = new Set(present.flatMap((value) => Object.keys(value as object)));
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      sum(present.map((value) => (value as Record<string, unknown>)[key])),
    ]),
  );
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch {
    return [];
  }
}
