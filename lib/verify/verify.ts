/** Recomputes what a run or a dataset says of itself: hashes, rows, counts, the ledger. */
import { z } from "zod";
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import { readManifest } from "../run/run_files.ts";
import { checkLedger } from "./check_ledger.ts";
import { checkFiles } from "./check_files.ts";
import { traceIn } from "./trace.ts";

/** Options of `verify`, and of `deno task verify`. */
export const VerifyOptions = z.object({
  in: z.array(z.string()).min(1).describe("a run, a dataset, or a folder of them"),
  trace: z.string().optional().describe("tell what became of the prompt with this id"),
});

/** One thing that was checked. */
export interface Finding {
  /** The folder it was found in. */
  folder: string;
  ok: boolean;
  /** What was checked, or what is wrong. */
  what: string;
}

/**
 * Checks every run and dataset in the folders: the manifest's shape and status, input = kept +
 * rejected + pending, every output's hash and rows, every record's shape, ids that stand once, the
 * stage's own counts, and the hash of inputs that are still there.
 *
 * Throws `InputError` where there is no manifest to check.
 */
export async function* verify(options: z.input<typeof VerifyOptions>): AsyncGenerator<Finding> {
  for (const root of options.in) {
    const folders = manifestFolders(root);
    if (folders.length === 0) throw new InputError(`${root}: no manifest.json in it`);
    for (const folder of folders) yield* verifyFolder(folder);
  }
}

/** Says, folder by folder, what became of a prompt. Throws `InputError` where there is no run. */
export async function* trace(options: { in: string[]; trace: string }): AsyncGenerator<string> {
  for (const root of options.in) {
    const folders = manifestFolders(root);
    if (folders.length === 0) throw new InputError(`${root}: no manifest.json in it`);
    for (const folder of folders) {
      for await (const line of traceIn(folder, options.trace)) yield `${folder}: ${line}`;
    }
  }
}

async function* verifyFolder(folder: string): AsyncGenerator<Finding> {
  const finding = (ok: boolean, what: string): Finding => ({ folder, ok, what });
  let manifest: Manifest;
  try {
    manifest = readManifest(join(folder, "manifest.json"))!;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    yield finding(false, error.message);
    return;
  }
  if (manifest.status !== "done") {
    yield finding(false, `not finished: ${manifest.status}, ${manifest.counts.pending} pending`);
  }
  const checks = [checkFiles(folder, manifest), checkLedger(folder, manifest)];
  for (const check of checks) for await (const { ok, what } of check) yield finding(ok, what);
}

/** The folder itself if it holds a manifest, else those below that do, at most four deep. */
function manifestFolders(root: string, depth = 4): string[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(root)];
  } catch (error) {
    throw new InputError(`${root}: cannot read: ${(error as Error).message}`);
  }
  if (entries.some((entry) => entry.isFile && entry.name === "manifest.json")) return [root];
  if (depth === 0) return [];
  const names = entries.filter((entry) => entry.isDirectory && !entry.name.startsWith("."));
  return names.map((entry) => entry.name).sort()
    .flatMap((name) => manifestFolders(join(root, name), depth - 1));
}
