/** Options that every sampling and scoring stage takes. */
import { z } from "zod";
import { inputOptions, inputPaths, PROMPT_PATHS } from "../io/inputs/input_options.ts";

/** To be spread into a stage's options schema. */
export const runOptions = {
  out: z.string().min(1).describe("folder for the run; running again resumes it"),
  limit: z.number().int().positive().optional().describe("only the first N prompts"),
  shard: z.string().optional().describe(
    "work on part I of N (I/N, 0-based); else SLURM's or Kubernetes' array environment; none: on all",
  ),
  concurrency: z.number().int().positive().optional().describe(
    "requests in flight at most; the model's own measure where not given",
  ),
  retryRejects: z.array(z.string()).default([]).meta({ metavar: "REASON" }).describe(
    "do again what an earlier run rejected for this reason, or for any: all",
  ),
  timeout: z.number().positive().default(600).describe("seconds that one item may take"),
} as const;

/** A seed; each stage says of what. */
export const seedNumber = z.number().int().min(0).max(0xffffffff).default(42);

/** For stages that draw at random. */
export const seedOption = { seed: seedNumber.describe("seed of every random draw") } as const;

/** Where prompts are read. */
export const promptSource = {
  prompts: inputPaths(PROMPT_PATHS),
  promptKey: z.string().optional().describe("the column that holds the prompt"),
} as const;

/** For stages that read prompts. */
export const promptOptions = { ...promptSource, ...inputOptions } as const;

/** For stages that sample replies. */
export const samplingOptions = {
  temperature: z.number().min(0).default(0.7).describe("0 is greedy"),
  topP: z.number().gt(0).max(1).default(1).describe("nucleus"),
  maxTokens: z.number().int().positive().default(4096).describe("tokens a reply at most"),
  baseUrl: z.array(z.string()).default([]).describe("server of the model"),
} as const;
