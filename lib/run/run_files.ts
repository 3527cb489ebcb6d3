/** The files of a run: where they are, and how its manifests are written, read and merged. */
import { join } from "node:path";
import { InputError, RunError } from "../core/errors.ts";
import { Counts, Manifest } from "../core/manifest.ts";
import { lockFile } from "./lock.ts";
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
export function readManifest(path: string): Manifest | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new InputError(`${path}: cannot read: ${(error as Error).message}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${(error as Error).message}`);
  }
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new InputError(`${path}: field ${issue.path.join(".")}: ${issue.message}`);
  }
  return parsed.data;
}

/** Writes a manifest in one step. One process at a time does: it holds the lock. */
export function writeManifest(path: string, manifest: Manifest): void {
  // One name, so that what a killed process left is written over.
  const temporary = `${path}.tmp`;
  try {
    Deno.writeTextFileSync(temporary, JSON.stringify(manifest, null, 2) + "\n");
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch { /* it was never made */ }
    throw new RunError(`${path}: cannot write: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes OUT/manifest.json anew from the manifests of the shards that have one. */
export function mergeShardManifests(out: string, shard: Shard): void {
  if (shard.count === 1) return;
  const lock = waitForLock(join(out, ".lock-manifest"));
  try {
    const parts: Manifest[] = [];
    for (let index = 0; index < shard.count; index++) {
      const part = readManifest(runFiles(out, { index, count: shard.count }).manifest);
      if (part) parts.push(part);
    }
    writeManifest(join(out, "manifest.json"), merged(parts, shard.count));
  } finally {
    lock.release();
  }
}

function waitForLock(path: string) {
  for (let tries = 0;; tries++) {
    try {
      return lockFile(path, path);
    } catch (error) {
      if (!(error instanceof InputError) || tries > 500) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function merged(parts: Manifest[], count: number): Manifest {
  const first = parts[0]!;
  const done = parts.filter((part) => part.status === "done").map((part) => part.shard.index);
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
