/** The options of stage 1. */
import { z } from "zod";
import { Variant } from "../core/variant.ts";

/** Options of `createPromptedModel`, and of `deno task create-prompted-model`. */
export const CreatePromptedModelOptions = z.object({
  model: z.string().min(1).describe(
    "folder of the base model (Llama, Qwen 2, 2.5 or 3), or hf/OWNER/NAME on the Hub",
  ),
  out: z.string().min(1).describe("folder for the prompted model"),
  variant: Variant.describe("ask for a thought before the answer, or not"),
  template: z.string().min(1).default("document").describe(
    "document: the paper's words; rlmt: the released models'; or a Jinja file",
  ),
  weights: z.enum(["copy", "hardlink", "symlink"]).default("copy").describe(
    "how weights get there; a copy shares blocks where the file system can",
  ),
  eos: z.string().min(1).optional().describe(
    "token that ends a turn; <|eot_id|> for Llama, <|im_end|> for Qwen where not given",
  ),
  overwrite: z.boolean().default(false).describe("replace a prompted model that is there"),
});
/** @internal */
export type CreatePromptedModelOptions = z.input<typeof CreatePromptedModelOptions>;
