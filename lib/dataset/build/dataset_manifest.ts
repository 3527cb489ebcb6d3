/** What a dataset's manifest says of it. */
import { canonicalJson, sha256 } from "../../core/canonical.ts";
import type { FileEntry, Manifest } from "../../core/manifest.ts";
import { packageVersions, VERSION } from "../../core/version.ts";
import type { BuildInput } from "./build_input.ts";
import type { DatasetBuilder } from "./dataset_builder.ts";
import type { RowOutcome } from "./row_ids.ts";
import type { BuiltDataset } from "./dataset_leaf.ts";

type AnyBuilder = Omit<DatasetBuilder<string, RowOutcome<string>>, "open">;

/** Options that do not affect a dataset, or whose files are hashed as inputs. */
const APART = [
  "in",
  "prompts",
  "out",
  "overwrite",
  "allowPartial",
  "maxBadRows",
  "excludeIds",
  "decisions",
  "rewardCheck",
];

/** A hash over all that affects a dataset, its inputs aside. */
export function fingerprintOf({ stage, options, affects }: AnyBuilder): string {
  const affecting = Object.entries(options).filter(([name]) => !APART.includes(name));
  const all = {
    stage,
    VERSION,
    ...Object.fromEntries(affecting),
    keep: options.keep.length > 0 ? options.keep : undefined,
    decontaminate: options.decontaminate.length,
    ...affects,
  };
  return sha256(canonicalJson(all)).slice(0, 16);
}

/** The manifest of a dataset whose files are written; its outputs are still to be named. */
export function datasetManifest<R extends string>(
  { stage, options, tokenizers, seed }: AnyBuilder,
  input: BuildInput<R>,
  made: BuiltDataset,
  told: Pick<Manifest, "fingerprint" | "started_at" | "ended_at"> & {
    inputs: readonly Pick<FileEntry, "path" | "sha256">[];
  },
): Manifest {
  const { fingerprint, inputs, started_at, ended_at } = told, { rows } = input;
  return {
    stage,
    version: VERSION,
    status: "done",
    options: Object.fromEntries(
      Object.entries(options).filter(([, value]) => value !== undefined),
    ),
    fingerprint,
    inputs: inputs.map((file) => ({ ...file, rows: rows.get(file.path) ?? 0 })),
    outputs: [],
    models: [...made.models].sort(),
    ...(tokenizers ? { identities: { tokenizer: tokenizers } } : {}),
    seed,
    packages: packageVersions(
      "apache-arrow",
      "hyparquet-writer",
      "@huggingface/jinja",
      "tokenizers",
    ),
    counts: input.counts(),
    extra: made.extra,
    tokens: {},
    cost: null,
    shard: { index: 0, count: 1 },
    failed: [],
    started_at,
    ended_at,
  };
}
