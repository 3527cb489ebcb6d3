/** Options of `verify`. */
import { z } from "zod";
import { eachPath } from "../io/inputs/input_options.ts";

/** Options of `verify`, and of `deno task verify`. */
export const VerifyOptions = z.object({
  in: eachPath("a run, a dataset, or a folder of them"),
  lineage: z.boolean().default(false).describe(
    "follow a dataset back to its replies, models and prompts by their hashes",
  ),
  quiet: z.boolean().default(false).describe("print what failed and the last line alone"),
  trace: z.string().optional().describe("tell what became of the prompt with this id"),
});
/** @internal */
export type VerifyOptions = z.input<typeof VerifyOptions>;
