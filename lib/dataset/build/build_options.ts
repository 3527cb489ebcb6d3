/** Options that builders share, by what their rows hold. */
import { z } from "zod";
import type { Format } from "../../core/records.ts";
import type { InputPaths } from "../../io/inputs/input_files.ts";
import { inputOptions } from "../../io/inputs/input_options.ts";
import { REASONING } from "../tokens/row_form.ts";
import { EXPORTS } from "../export/export_targets.ts";
import { leaveOutOptions } from "./left_out.ts";

/** To be spread into the options schema of every builder. */
export const datasetOptions = {
  out: z.string().min(1).describe("folder for the dataset; it appears whole or not at all"),
  overwrite: z.boolean().default(false).describe("replace another dataset that stands at --out"),
  ...inputOptions,
  saveToDisk: z.boolean().default(false).describe(
    "also write OUT/arrow, for datasets.load_from_disk",
  ),
  dedupe: z.enum(["exact", "near"]).optional().describe(
    "leave out prompts that repeat an earlier one, or nearly do (MinHash, 0.8)",
  ),
  decontaminate: z.array(z.string()).default([]).meta({ metavar: "PATH" }).describe(
    "evaluation set: prompts that share a passage of 13 words with it are left out",
  ),
  ...leaveOutOptions,
  license: z.string().optional().describe("licence for the card, as the Hub names it (cc-by-4.0)"),
} as const;

/** What builders are told of their input and output. */
export interface BuilderOptions extends z.output<z.ZodObject<typeof datasetOptions>> {
  /** The reply format of records that do not say it. */
  format?: Format;
  /** The score that replies are chosen by. */
  score?: string;
  /** What check-reward said of the reward. */
  rewardCheck?: string;
}

/** What a build reads. */
export interface BuildSource {
  paths: InputPaths;
  options: BuilderOptions;
  /** As the public SFT builder: an id counts as seen once its row is kept. */
  seenOnceKept?: boolean;
}

/** For builders whose rows hold replies. */
export const replyRowOptions = {
  compat: z.enum(["rlmt"]).optional().describe(
    "columns, order, joins and splits of the public scripts of RLMT",
  ),
  export: z.array(z.enum(EXPORTS)).default([]).meta({ metavar: EXPORTS.join("|") }).describe(
    "also OUT/export, JSON Lines as this program reads them, or for this kind of training",
  ),
  reasoning: z.enum(REASONING).default("inline").describe(
    "where a thought stands in messages: tags in the content, a key beside it, or auto: where the " +
      "tokenizer's chat template looks for it",
  ),
} as const;
