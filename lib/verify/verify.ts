/** Recomputes what a run or a dataset says of itself: hashes, rows, counts, the ledger. */
import { join } from "node:path";
import type { z } from "zod";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import { manifestFolders, readManifest } from "../io/records/manifest_file.ts";
import type { StageFacts } from "../run/define_stage.ts";

import { checkLedger } from "./check_ledger.ts";
import { checkProcessor, checkShards, checkTwins } from "./check_shards.ts";
import { checkFiles } from "./check_files.ts";
import type { Finding } from "./finding.ts";
import { lineageOf } from "./lineage.ts";
import { traceIn } from "./trace.ts";
import type { VerifyOptions } from "./verify_options.ts";

/** What `verify` found. */
export interface Verified {
  /** Whether every check passed. */
  ok: boolean;
  /** Everything that was checked. */
  findings: Finding[];
  /** With `trace`, instead of checks: what became of the prompt, a line for each place. */
  traced: string[];
}

/** Collects what {@link findings} yields, or, where the options have `trace`, {@link trace}. */
export async function verify(
  options: z.output<typeof VerifyOptions>,
  stages: readonly StageFacts[],
): Promise<Verified> {
  if (options.trace !== undefined) {
    const traced = await Array.fromAsync(trace(options.in, options.trace));
    return { ok: true, findings: [], traced };
  }
  const found = await Array.fromAsync(
    options.lineage ? lineages(options.in) : findings(options.in, stages),
  );
  return { ok: found.every(({ ok }) => ok), findings: found, traced: [] };
}

/**
 * Checks every run and dataset in the folders: the manifest's shape and status, input = kept +
 * rejected + pending, every output's hash and rows, every record's shape, ids that stand once, the
 * stage's own counts, and the hash of inputs that are still there.
 *
 * Throws `InputError` where there is no manifest to check.
 */
export async function* findings(
  paths: readonly string[],
  stages: readonly StageFacts[],
): AsyncGenerator<Finding> {
  const found: { folder: string; manifest: Manifest }[] = [];
  for (const folder of foldersIn(paths)) yield* verifyFolder(folder, stages, found);
  yield* checkTwins(found);
}

/** The links of each run, dataset and model back to its origins; see {@link lineageOf}. */
export async function* lineages(paths: readonly string[]): AsyncGenerator<Finding> {
  const known = foldersIn(paths);
  for (const folder of known) yield* lineageOf(folder, known);
}

/** Says, folder by folder, what became of a prompt. Throws `InputError` where there is no run. */
export async function* trace(paths: readonly string[], id: string): AsyncGenerator<string> {
  for (const folder of foldersIn(paths)) {
    for await (const line of traceIn(folder, id)) yield `${folder}: ${line}`;
  }
}

async function* verifyFolder(
  folder: string,
  stages: readonly StageFacts[],
  runs: { folder: string; manifest: Manifest }[],
): AsyncGenerator<Finding> {
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
  runs.push({ folder, manifest });
  const checks = [
    checkFiles(folder, manifest),
    checkLedger(folder, manifest, stages),
    checkShards(folder, manifest),
    checkProcessor(manifest),
  ];
  for (const check of checks) for await (const { ok, what } of check) yield finding(ok, what);
}

/** The folders with manifests. Throws `InputError` for a path that holds none. */
function foldersIn(paths: readonly string[]): string[] {
  return paths.flatMap((root) => {
    const folders = manifestFolders(root);
    if (folders.length === 0) throw new InputError(`${root}: no manifest.json in it`);
    return folders;
  });
}
