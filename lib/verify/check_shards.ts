/** Do the shards of a run belong together, and was it made on one kind of processor? */
import { join } from "node:path";
import type { Manifest } from "../core/manifest.ts";
import { processorDifference, thisProcessor } from "../core/processor.ts";
import { readManifest } from "../io/records/manifest_file.ts";
import { runFiles } from "../run/run_files.ts";
import type { Check } from "./finding.ts";

/** Checks that all shards were made with the same options on the same input. */
export function* checkShards(folder: string, manifest: Manifest): Generator<Check> {
  const { count } = manifest.shards ?? manifest.shard;
  if (count === 1) return;
  const parts: Manifest[] = [];
  for (let index = 0; index < count; index++) {
    const part = readManifest(runFiles(folder, { index, count }).manifest);
    if (part) parts.push(part);
  }
  const first = parts[0];
  if (first === undefined) {
    return yield { ok: false, what: `${join(folder, "shards")}: no shard's manifest is there` };
  }
  const shard = ({ shard: { index } }: Manifest) => `shard ${index}/${count}`;
  for (const part of parts) {
    if (part.fingerprint !== first.fingerprint) {
      const what = `${shard(part)} was made with other options than ${shard(first)}`;
      yield { ok: false, what };
    } else if (part.input_digest !== first.input_digest) {
      const what = `${shard(part)} read another input than ${shard(first)}: run it again`;
      yield { ok: false, what };
    }
    if (part.processor === undefined || first.processor === undefined) continue;
    const differ = processorDifference(first.processor, part.processor);
    if (differ === null) continue;
    const what = `${shard(first)} and ${shard(part)} were made on different processors (` +
      `${differ}): equal bytes are promised on one kind alone`;
    yield { ok: true, what };
  }
}

/** Tells where a run made here again may come out with other bytes: its models' numbers differ. */
export function* checkProcessor({ processor, identities = {} }: Manifest): Generator<Check> {
  const here = Object.values(identities).flat().some(({ files }) => files !== undefined);
  const differ = here && processor ? processorDifference(processor, thisProcessor()) : null;
  if (differ === null) return;
  const what =
    `made on another kind of processor than this one (${differ}): made again here, its ` +
    `bytes may differ`;
  yield { ok: true, what };
}

/** Runs of equal options on equal inputs, whose records differ though they should not. */
export function* checkTwins(
  runs: readonly { folder: string; manifest: Manifest }[],
): Generator<Check & { folder: string }> {
  const byWork = new Map<string, { folder: string; manifest: Manifest }>();
  for (const run of runs) {
    const { folder, manifest } = run;
    const { identities, input_digest, fingerprint, outputs, processor, status } = manifest;
    if (status !== "done" || input_digest === undefined || processor === undefined) continue;
    const local = Object.values(identities ?? {}).flat().every(({ files }) => files !== undefined);
    if (!local) continue;
    const other = byWork.get(`${fingerprint} ${input_digest}`);
    byWork.set(`${fingerprint} ${input_digest}`, run);
    const records = (entries: Manifest["outputs"]) =>
      entries.filter(({ path }) => path.startsWith("records")).map(({ sha256 }) => sha256).join();
    if (other === undefined || records(outputs) === records(other.manifest.outputs)) continue;
    const differ = processorDifference(other.manifest.processor!, processor);
    const what = `equal options on equal input as ${other.folder}, and other records: `;
    yield differ === null
      ? { folder, ok: false, what: `${what}they were made on one kind of processor` }
      : { folder, ok: true, what: `${what}made on different processors (${differ})` };
  }
}
