/** What a run says of itself when it ends: `OUT/manifest.json`. */
import { z } from "zod";

/** The picture of a dataset's card, in the dataset's folder. */
export const PLOT_FILE = "plots/spread.svg";

/** Where every prompt stands: `input = kept + rejected + pending`, by id. */
export const Counts = z.object({
  input: z.number().int().nonnegative().describe(
    "distinct ids in the input (of this shard, after --limit)",
  ),
  kept: z.number().int().nonnegative().describe("prompts with a record or a row"),
  rejected: z.number().int().nonnegative().describe("prompts given up, with a reason"),
  pending: z.number().int().nonnegative().describe("prompts that are still to be done"),
  duplicates: z.number().int().nonnegative().describe(
    "input rows that repeat an id with the same content; counted once above",
  ),
  other: z.number().int().nonnegative().describe(
    "of runs before 0.2: records of ids that the input does not name, among those that it names",
  ),
  set_aside: z.number().int().nonnegative().optional().describe(
    "lines of earlier inputs in OUT/aside: read by nobody, and back when their prompts are",
  ),
  rejected_by_reason: z.record(z.string(), z.number().int()).describe("rejects by their reason"),
});
/** @internal */
export type Counts = z.infer<typeof Counts>;

/** A file that went in or came out. */
export const FileEntry = z.object({
  path: z.string().describe("where it is; of outputs, below OUT"),
  sha256: z.string().describe("its SHA-256, in hex digits"),
  rows: z.number().int().nonnegative().describe("its rows or lines"),
});
/** @internal */
export type FileEntry = z.infer<typeof FileEntry>;

/** A model as a manifest tells of it: by what was loaded, or by what its server says of itself. */
export const ModelIdentity = z.object({
  name: z.string().describe("its SPEC, or the name of an object that was given in its place"),
  version: z.string().nullable().describe(
    "changes when the model does; null where nobody can know (a provider's model)",
  ),
  revision: z.string().optional().describe("of a model of the Hub: its commit"),
  weights: z.string().nullable().optional().describe(
    "of a folder: SHA-256 over the lines `HASH  PATH` of its weights, by path",
  ),
  files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string() })).optional()
    .describe("of a folder: every file that may be loaded"),
});
/** @internal */
export type ModelIdentity = z.infer<typeof ModelIdentity>;

/** The run's own account: options, models, inputs and outputs by hash, and the ledger. */
export const Manifest = z.object({
  stage: z.string().describe("the stage that made it"),
  version: z.string().describe("thinkset's version"),
  status: z.enum(["running", "done", "partial"]).describe("whether all is done"),
  options: z.record(z.string(), z.unknown()).describe("all options of the stage"),
  fingerprint: z.string().describe(
    "hash over all that affects the output but the prompts themselves",
  ),
  inputs: z.array(FileEntry).describe("the files that were read"),
  outputs: z.array(FileEntry).describe("the files that were written"),
  models: z.array(z.string()).describe("the models by name"),
  identities: z.record(z.string(), z.union([ModelIdentity, z.array(ModelIdentity)])).optional()
    .describe(
      "what was loaded under an option's name (model, rewardModel), by its content",
    ),
  seed: z.number().int().nullable().describe("the seed of random draws; null where none are made"),
  packages: z.record(z.string(), z.string()).describe(
    "versions of the runtime and the packages that did the work",
  ),
  processor: z.object({
    arch: z.string(),
    model: z.string().nullable().default(null),
    features: z.array(z.string()).nullable(),
  }).optional().describe(
    "the kind of processor that made it: models' numbers differ between kinds in their last bits",
  ),
  counts: Counts.describe("where every prompt stands"),
  extra: z.record(z.string(), z.unknown()).optional().describe(
    "counts of the stage's own (malformed replies, repairs, pairs by split)",
  ),
  tokens: z.record(z.string(), z.number()).describe("tokens by kind"),
  cost: z.number().nullable().describe("US dollars, or null where no price is known"),
  input_digest: z.string().optional().describe(
    "names the whole input by its prompts in order: the shards of one run agree in it",
  ),
  shard: z.object({ index: z.number().int(), count: z.number().int() }).describe(
    "which part of the input the process had",
  ),
  shards: z.object({ count: z.number().int(), done: z.array(z.number().int()) }).optional()
    .describe("for a sharded run: the shards that are done"),
  failed: z.array(z.object({ id: z.string(), error: z.string() })).describe(
    "items that failed after all retries, at most 1,000 named; they are pending",
  ),
  started_at: z.string().describe("when the run began, ISO 8601"),
  ended_at: z.string().nullable().describe("when it ended; null while it runs"),
});
/** @internal */
export type Manifest = z.infer<typeof Manifest>;
