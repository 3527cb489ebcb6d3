/** Options of `explore`. */
import { z } from "zod";
import { Format } from "../core/records.ts";
import { inputOptions, inputPaths } from "../io/inputs/input_options.ts";
import { TRAINER_NAMES } from "../training/trainers.ts";

/** Options of `explore`; each is a flag. */
export const ExploreOptions = z.object({
  in: inputPaths(
    "a run, a dataset (hf/OWNER/NAME too), a trainer's completions, a public script's file, or a " +
      "folder of runs",
  ),
  split: inputOptions.split,
  config: inputOptions.config,
  revision: inputOptions.revision,
  decisions: z.string().min(1).meta({ metavar: "FILE" }).optional().describe(
    "where decisions are read from and added to; build-sft and build-dpo take it too",
  ),
  port: z.number().int().min(0).max(65535).default(0).describe(
    "port on 127.0.0.1; 0 is any that is free",
  ),
  open: z.boolean().default(true).describe("open a browser; --no-open prints the address alone"),
  bundle: z.string().min(1).meta({ metavar: "DIR" }).optional().describe(
    "write a folder of static files that shows the same, and end",
  ),
  tokenizer: z.string().min(1).meta({ metavar: "DIR" }).optional().describe(
    "folder of the tokenizer of a training: a dataset's rows are shown token by token, as learnt",
  ),
  trainer: z.enum(TRAINER_NAMES).default("trl").describe(
    "whose rendering and mask, with --tokenizer",
  ),
  title: z.string().optional().describe("the page's heading; default: the inputs' names"),
  format: Format.optional().describe("for replies that do not say it (the public scripts' files)"),
});
/** @internal */
export type ExploreOptions = z.input<typeof ExploreOptions>;
/** With all defaults filled in. */
export type ExploreSettings = z.output<typeof ExploreOptions>;
