/** What `round` is told: on its command line, and in its file. */
import { z } from "zod";

/** Options of `deno task round`. */
export const RoundOptions = z.object({
  config: z.string().min(1).meta({ metavar: "FILE" }).describe(
    "what a round is (.yaml or .json): prompts, model, rewardModel, out, train, export, …",
  ),
  rounds: z.number().int().positive().default(1).describe(
    "rounds in all; those that are done count",
  ),
});

/** A command line as words; {names} in braces are put in, and no shell reads it. */
const words = z.array(z.string()).min(1);

/** The file. */
export const RoundConfig = z.object({
  out: z.string().min(1).describe("folder of all rounds"),
  prompts: z.union([z.string(), z.array(z.string()).min(1)]).describe("prompts of every round"),
  model: z.string().min(1).describe("the first round's policy: a prompted model's folder"),
  rewardModel: z.union([z.string(), z.array(z.string()).min(1)]).describe("as of score-responses"),
  sample: z.record(z.string(), z.unknown()).default({}).describe("other options of sample-policy"),
  score: z.record(z.string(), z.unknown()).default({}).describe("other options of score-responses"),
  dataset: z.enum(["dpo", "sft"]).default("dpo").describe(
    "pairs by build-dpo, or the best answers by build-sft",
  ),
  build: z.record(z.string(), z.unknown()).default({}).describe("other options of the builder"),
  train: words.describe(
    "the training command; {model}, {reference}, {dataset}, {out}, {round} and {seed} are put in",
  ),
  export: words.optional().describe(
    "makes of {trained} the folder {out} that local/DIR samples; none where training leaves one",
  ),
  reference: z.enum(["previous", "first"]).default("previous").describe(
    "what {reference} is: the round's own policy, or the first round's",
  ),
  history: z.enum(["keep", "replace"]).default("keep").describe(
    "keep the replies and datasets of earlier rounds, or remove them once the next round is done",
  ),
  pool: z.boolean().default(false).describe(
    "replies of earlier rounds are candidates too (needs history: keep)",
  ),
  seed: z.number().int().min(0).default(42).describe("of the first round; each takes the next"),
});
export type RoundConfig = z.output<typeof RoundConfig>;
