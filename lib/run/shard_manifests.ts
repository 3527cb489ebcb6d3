/** The manifests of a run's shards: gone on from, written, and merged into the run's own. */
import { join } from "node:path";
import { type Disk, type DiskFile, realDisk, writeAll } from "../core/disk.ts";
import { Counts, type Manifest } from "../core/manifest.ts";
import { replaceFile } from "../core/replace_file.ts";
import { readManifest } from "../io/records/manifest_file.ts";
import { readKeyedLine } from "./keyed_line.ts";
import { waitForLock } from "./lock.ts";
import { type RunFiles, runFiles } from "./run_files.ts";
import type { Shard } from "./shard.ts";
import { cannotKeep } from "./sync_group.ts";

/**
 * The manifest of a shard that is to go on. One that a power cut left empty or in part counts as
 * none where the shard has lines that are whole: each of them tells by its key what made it.
 */
export function manifestToResume(
  files: RunFiles,
  log: (line: string) => void,
  disk: Disk = realDisk,
): Manifest | undefined {
  try {
    return readManifest(files.manifest, disk);
  } catch (error) {
    const isTorn = error instanceof Error && error.cause instanceof SyntaxError;
    if (!isTorn || !holdsKeyedLine(files, disk)) throw error;
    log(`${files.manifest}: not readable any more, as after a power cut: it is made anew`);
    return undefined;
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
  const bytes = new TextEncoder().encode(JSON.stringify(manifest, null, 2) + "\n");
  try {
    replaceFile(path, (file) => writeAll(file, bytes), disk);
  } catch (error) {
    throw cannotKeep(path, error);
  }
}

/**
 * Writes OUT/manifest.json anew from the manifests of the shards that have one, and gives it; `own`
 * is that of this shard, which is OUT's where there is no other.
 */
export async function mergeShardManifests(
  out: string,
  shard: Shard,
  own: Manifest,
  disk: Disk = realDisk,
): Promise<Manifest> {
  if (shard.count === 1) return own;
  const lock = await waitForLock(join(out, ".lock-manifest"));
  try {
    const parts: Manifest[] = [];
    for (let index = 0; index < shard.count; index++) {
      const files = runFiles(out, { index, count: shard.count });
      const part = manifestToResume(files, () => {}, disk);
      if (part) parts.push(part);
    }
    const whole = merged(parts, shard);
    writeManifest(join(out, "manifest.json"), whole, disk);
    return whole;
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
