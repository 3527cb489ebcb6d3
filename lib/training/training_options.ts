/** What `check-training` can be told. */
import { z } from "zod";
import { RULE_NAMES } from "./rules.ts";
import { TRAINER_NAMES } from "./trainers.ts";

/** Options of {@link checkTraining}; each is a flag of `check-training`. */
export const CheckTrainingOptions = z.object({
  in: z.string().min(1).meta({ metavar: "DATASET" }).describe(
    "a dataset for SFT or DPO: a builder's OUT, or files of its rows",
  ),
  tokenizer: z.string().min(1).meta({ metavar: "DIR" }).describe(
    "folder (or hf/OWNER/NAME) of the tokenizer that the training will use, with its chat template",
  ),
  trainer: z.array(z.enum(TRAINER_NAMES)).min(1).default(["trl"]).describe(
    "whose rendering and mask; may be repeated",
  ),
  config: z.string().regex(/^[\w.-]+$/, "must be a name of letters, digits, dots and dashes")
    .optional().describe(
      "configuration of the dataset; where not given, the one that the trainer should read",
    ),
  split: z.string().min(1).default("all").describe("split to read"),
  maxLength: z.number().int().positive().optional().describe(
    "tokens a sequence, as the training will be set; the trainer's own default where not given",
  ),
  set: z.array(z.string().regex(/^\w+=/, "must be NAME=VALUE")).default([]).meta({
    metavar: "NAME=VALUE",
  }).describe(
    "a setting of the trainer by its own name, as template=qwen3 or enable_thinking=false; may " +
      "be repeated",
  ),
  assistantOnlyLoss: z.boolean().default(false).describe(
    "TRL alone, for rows of messages: as SFTConfig(assistant_only_loss=True)",
  ),
  allow: z.array(z.enum(RULE_NAMES)).default([]).meta({ metavar: "RULE" }).describe(
    "a rule that rows may break; may be repeated",
  ),
  show: z.string().min(1).optional().meta({ metavar: "ROW" }).describe(
    "print the tokens of a row, by its id or its number from 1, and whether each is learnt",
  ),
  limit: z.number().int().positive().optional().describe("rows to check at most"),
  save: z.boolean().default(false).describe(
    "keep what was found in the dataset's folder: the report shows it, and push adds it to the card",
  ),
  out: z.string().min(1).optional().meta({ metavar: "FILE" }).describe(
    "write a line of JSON for every broken rule of every row",
  ),
});
/** @internal */
export type CheckTrainingOptions = z.input<typeof CheckTrainingOptions>;
/** With all defaults filled in. */
export type CheckTrainingSettings = z.output<typeof CheckTrainingOptions>;
