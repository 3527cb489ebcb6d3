/** Options of `report`. */
import { z } from "zod";
import { Format } from "../core/records.ts";
import { eachPath } from "../io/inputs/input_options.ts";
import { labelOptions } from "../evaluate/evaluate_options.ts";

/** Options of `report`, and of `deno task report`. */
export const ReportOptions = z.object({
  in: eachPath("a run, a dataset, or a file of records"),
  out: z.string().min(1).meta({ metavar: "FILE.html" }).describe("the page"),
  title: z.string().default("thinkset report").describe("the page's heading"),
  samples: z.number().int().nonnegative().default(8).describe("records to read, of each input"),
  rows: z.number().int().positive().optional().describe(
    "rows or records to take of each input at most, spread over it; default: all",
  ),
  seed: z.number().int().min(0).default(42).describe("seed of the sample"),
  format: Format.optional().describe("for replies that do not say it (the public scripts' files)"),
  ...labelOptions,
  overwrite: z.boolean().default(false).describe("replace a file at --out that is no report"),
});
/** @internal */
export type ReportOptions = z.input<typeof ReportOptions>;
