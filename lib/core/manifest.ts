/** What a run says of itself when it ends: `OUT/manifest.json`. */
import { z } from "zod";

/** The picture of a dataset's card, in the dataset's folder. */
export const PLOT_FILE = "plots/spread.svg";

/** Where every prompt stands: `input = kept + rejected + pending`, by id. */
export const Counts = z.object({
  /** Distinct ids in the input (of this shard, after `--limit`). */
  input: z.number().int().nonnegative(),
  kept: z.number().int().nonnegative(),
  rejected: z.number().int().nonnegative(),
  pending: z.number().int().nonnegative(),
  /** Input rows that repeat an id with the same content; counted once above. */
  duplicates: z.number().int().nonnegative(),
  /** Of runs before 0.2: records of ids that the input does not name, among those that it names. */
  other: z.number().int().nonnegative(),
  /** Lines of earlier inputs in OUT/aside: read by nobody, and back when their prompts are. */
  set_aside: z.number().int().nonnegative().optional(),
  /** Rejects by their reason. */
  rejected_by_reason: z.record(z.string(), z.number().int()),
});
export type Counts = z.infer<typeof Counts>;

/** A file that went in or came out. */
export const FileEntry = z.object({
  path: z.string(),
  sha256: z.string(),
  rows: z.number().int().nonnegative(),
});
export type FileEntry = z.infer<typeof FileEntry>;

/** A model as a manifest tells of it: by what was loaded, or by what its server says of itself. */
export const ModelIdentity = z.object({
  /** Its SPEC, or the name of an object that was given in its place. */
  name: z.string(),
  /** Changes when the model does; null where nobody can know (a provider's model). */
  version: z.string().nullable(),
  /** Of a folder: SHA-256 over the lines `HASH  PATH` of its weights, by path. */
  weights: z.string().nullable().optional(),
  /** Of a folder: every file that may be loaded. */
  files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string() })).optional(),
});
export type ModelIdentity = z.infer<typeof ModelIdentity>;

/** The run's own account: options, models, inputs and outputs by hash, and the ledger. */
export const Manifest = z.object({
  stage: z.string(),
  /** thinkset's version. */
  version: z.string(),
  status: z.enum(["running", "done", "partial"]),
  options: z.record(z.string(), z.unknown()),
  /** Hash over all that affects the output but the prompts themselves. */
  fingerprint: z.string(),
  inputs: z.array(FileEntry),
  outputs: z.array(FileEntry),
  models: z.array(z.string()),
  /** What was loaded under an option's name (`model`, `rewardModel`), by its content. */
  identities: z.record(z.string(), z.union([ModelIdentity, z.array(ModelIdentity)])).optional(),
  seed: z.number().int().nullable(),
  /** Versions of the runtime and the packages that did the work. */
  packages: z.record(z.string(), z.string()),
  counts: Counts,
  /** Counts of the stage's own (malformed replies, repairs, pairs by split). */
  extra: z.record(z.string(), z.unknown()).optional(),
  tokens: z.record(z.string(), z.number()),
  /** US dollars, or null where no price is known. */
  cost: z.number().nullable(),
  /** Names the whole input by its prompts in order: the shards of one run agree in it. */
  input_digest: z.string().optional(),
  shard: z.object({ index: z.number().int(), count: z.number().int() }),
  /** For a sharded run: the shards that are done. */
  shards: z.object({ count: z.number().int(), done: z.array(z.number().int()) }).optional(),
  /** Items that failed after all retries, at most 1,000 named; they are pending. */
  failed: z.array(z.object({ id: z.string(), error: z.string() })),
  started_at: z.string(),
  ended_at: z.string().nullable(),
});
export type Manifest = z.infer<typeof Manifest>;
