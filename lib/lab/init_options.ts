/** The options of `init`. */
import { z } from "zod";

/** The recipes that `run.sh` can follow. */
export const RECIPES = ["embedded", "rlmt-llama", "rlmt-qwen", "api-only"] as const;

/** Options of `init`; the folder is its positional argument. */
export const InitOptions = z.object({
  recipe: z.enum(RECIPES).default("embedded").describe(
    "what run.sh does: all stages offline, the published recipe on vLLM, or chat APIs alone",
  ),
});
export type InitOptions = z.output<typeof InitOptions>;
