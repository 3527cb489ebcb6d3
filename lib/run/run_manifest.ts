/** The manifest of a shard, from its ledger and its files. */
import type { Json } from "../core/canonical.ts";
import type { FileEntry, Manifest } from "../core/manifest.ts";
import type { Reject } from "../core/records.ts";
import { thisProcessor } from "../core/processor.ts";
import { VERSION } from "../core/version.ts";
import type { Ledger } from "./ledger.ts";
import type { StageRun, Tally } from "./stage_run.ts";

/** What the runner knows beside the ledger. */
export interface RunAccount {
  fingerprint: string;
  status: Manifest["status"];
  failed: Manifest["failed"];
  startedAt: string;
  endedAt: string | null;
}

/** The account of a shard; of one that is running, without its outputs. */
export function manifestOf<I extends { id: string; where?: string }, R extends { id: string }>(
  stage: StageRun<I, R>,
  ledger: Ledger<I>,
  { fingerprint, status, failed, startedAt, endedAt }: RunAccount,
): { manifest: Manifest; firstReject: string } {
  const tally: Tally = { tokens: {}, extra: {} };
  let firstReject = "";
  const visit = (text: string, isReject: boolean) => {
    if (!isReject) return stage.tally?.(JSON.parse(text) as R, tally);
    firstReject ||= (JSON.parse(text) as Reject).detail;
  };
  const outputs: FileEntry[] = status === "running" ? [] : ledger.outputs(stage.out, visit);
  const paid = stage.paid?.();
  const manifest: Manifest = {
    stage: stage.stage,
    version: VERSION,
    status,
    options: plain(stage.options),
    fingerprint,
    inputs: stage.inputs.map(({ path, sha256 }) => ({ path, sha256, rows: ledger.rowsOf(path) })),
    outputs,
    models: stage.models,
    ...(stage.identities ? { identities: stage.identities } : {}),
    seed: stage.seed,
    packages: stage.packages,
    processor: thisProcessor(),
    counts: ledger.counts(),
    extra: tally.extra,
    tokens: paid?.tokens ?? tally.tokens,
    cost: paid?.cost ?? null,
    input_digest: ledger.digest,
    shard: stage.shard,
    failed,
    started_at: startedAt,
    ended_at: endedAt,
  };
  return { manifest, firstReject };
}

/** Rejects are to be done again by one run, not by all that take over its options. */
function plain({ retryRejects: _, ...options }: Record<string, Json | undefined>) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
