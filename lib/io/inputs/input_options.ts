/** Options of every stage that reads rows: where they are, which of them, and what is kept of each. */
import { z } from "zod";
import type { InputFilesOptions } from "./input_files.ts";
import { ALL_SPLITS } from "./splits.ts";

/** The option of an input's paths: one, or several that are read one after the other. */
export function inputPaths(about: string) {
  return z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).meta({ metavar: "PATH" })
    .describe(about);
}

/** The option of paths that are looked at one by one: a call may give one alone, a stage gets a list. */
export function eachPath(about: string, metavar = "PATH") {
  return inputPaths(about).transform((paths) => [paths].flat()).meta({ metavar }).describe(about);
}

/** What stages that read prompts say of them. */
export const PROMPT_PATHS =
  "prompts: .json, .jsonl, .csv, .tsv (also .gz), .parquet, a folder of them, a run, a saved dataset, " +
  "hf/OWNER/NAME";

/** To be spread into a stage's options schema. */
export const inputOptions = {
  split: z.string().min(1).optional().describe(
    `the split to read where the input has several, or ${ALL_SPLITS}`,
  ),
  config: z.string().min(1).optional().describe(
    "of a dataset on the Hub (hf/OWNER/NAME), the configuration to read",
  ),
  revision: z.string().min(1).optional().describe(
    "of a dataset on the Hub, the branch, tag or commit; main where not given",
  ),
  keep: z.array(z.string().min(1)).default([]).meta({ metavar: "COLUMN" }).describe(
    "carry this column of the rows along, in extra: to datasets, frames and reports",
  ),
  maxBadRows: z.number().min(0).max(1).default(0.01).describe(
    "share of the input's rows that may be no prompt or record; such rows are rejected",
  ),
  allowPartial: z.boolean().default(false).describe("read a run that is not finished"),
} as const;

/** The part of a stage's options that its readers take. */
export function readingOf<
  O extends InputFilesOptions & { keep?: readonly string[]; limit?: number },
>(
  { allowPartial, split, config, revision, keep, limit }: O,
): InputFilesOptions & { keep?: readonly string[] } {
  return { allowPartial, split, config, revision, keep, byRanges: limit !== undefined };
}
