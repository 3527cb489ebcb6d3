/** Options of `evaluate`. */
import { z } from "zod";
import { Format } from "../core/records.ts";
import { eachPath } from "../io/inputs/input_options.ts";
import { QUICK_RULES } from "./labels.ts";

/** Where labels stand and how answers are held against them: `report` takes these too. */
export const labelOptions = {
  labels: z.string().min(1).meta({ metavar: "PATH" }).optional().describe(
    "right answers: rows with an id and the column --label-key; the records' kept column where " +
      "not given",
  ),
  labelKey: z.string().min(1).meta({ metavar: "COLUMN" }).default("expected").describe(
    "the column with the right answer, or a list of accepted ones",
  ),
  rule: z.enum(QUICK_RULES).default("exact").describe(
    "how an answer is held against its label; for other rules score with rule/NAME: the mean " +
      "reward is then the share right",
  ),
} as const;

/** How scored runs are read, and the intervals of their figures drawn. */
export const intervalOptions = {
  format: Format.optional().describe("for replies that do not say it (the public scripts' files)"),
  draws: z.number().int().min(100).max(100_000).default(2000).describe(
    "draws of the prompts for the 95% intervals",
  ),
  seed: z.number().int().min(0).default(42).describe("seed of those draws"),
} as const;

/** Options of {@link evaluate}; each is a flag of `evaluate`. */
export const EvaluateOptions = z.object({
  in: eachPath("a scored run, or a file of its records; each is a line of the table", "SCORED"),
  against: z.string().min(1).meta({ metavar: "SCORED" }).optional().describe(
    "the scored run that the others are set against, prompt by prompt",
  ),
  ...labelOptions,
  ...intervalOptions,
  bySource: z.boolean().default(false).describe("also print what is right by source"),
  out: z.string().min(1).meta({ metavar: "FILE.json" }).optional().describe(
    "write all figures here, by source too",
  ),
});
/** @internal */
export type EvaluateOptions = z.input<typeof EvaluateOptions>;
