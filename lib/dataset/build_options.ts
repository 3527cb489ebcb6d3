/** Options that both dataset builders take. */
import { z } from "zod";

/** To be spread into a builder's options schema. */
export const buildOptions = {
  out: z.string().min(1).describe("folder for the dataset; it appears whole or not at all"),
  overwrite: z.boolean().default(false).describe("replace another dataset that stands at --out"),
  allowPartial: z.boolean().default(false).describe("read a run that is not done yet"),
  compat: z.enum(["rlmt"]).optional().describe(
    "columns, order, joins and splits of the public scripts of RLMT",
  ),
  saveToDisk: z.boolean().default(false).describe(
    "also write OUT/arrow, for datasets.load_from_disk",
  ),
  license: z.string().optional().describe("licence for the card, as the Hub names it (cc-by-4.0)"),
} as const;
