/** Options of `prove`. */
import { z } from "zod";

/** Options of `deno task prove`. */
export const ProveOptions = z.object({
  out: z.string().min(1).default("runs/prove").describe("folder for all that is made"),
  variant: z.enum(["think", "nothink", "both"]).default("think").describe(
    "which prompted models are trained",
  ),
  quick: z.boolean().default(false).describe(
    "half of the prompts, and only DPO, flipped pairs and SFT on the best of 8",
  ),
  trainSeed: z.array(z.coerce.number().int().min(0)).meta({ metavar: "N" }).default([1]).describe(
    "seed of a training",
  ),
  rounds: z.number().int().min(1).max(4).default(1).describe(
    "DPO again from the trained model, on replies of its own, so many times in all",
  ),
  seed: z.number().int().min(0).default(42).describe("seed of sampling, of pairs and of intervals"),
  prompts: z.number().int().positive().optional().describe("only the first N training prompts"),
  heldOut: z.number().int().positive().optional().describe("only the first N held-out prompts"),
  learningRate: z.number().positive().default(1e-4).describe(
    "of DPO; SFT takes three times as much",
  ),
  threads: z.number().int().positive().default(1).describe("of training; results differ by it"),
  python: z.string().meta({ metavar: "PATH" }).optional().describe(
    "an interpreter that has torch and TRL; an environment is made in .cache/train where not given",
  ),
});
/** With all defaults filled in. */
export type ProveSettings = z.output<typeof ProveOptions>;

/** The ways of training that are set against each other. */
export interface Arm {
  name: string;
  /** What it is, in a table. */
  about: string;
  method: "dpo" | "sft";
  /** Options of its builder. */
  build: Record<string, unknown>;
  /** In `--quick` too. */
  quick?: true;
  /** Is expected to do harm or nothing. */
  control?: true;
}

export const ARMS: readonly Arm[] = [
  { name: "dpo", about: "DPO on build-dpo's pairs", method: "dpo", build: {}, quick: true },
  {
    name: "flipped",
    about: "the same pairs, sides changed",
    method: "dpo",
    build: { strategy: "flipped" },
    quick: true,
    control: true,
  },
  {
    name: "random",
    about: "as many random pairs",
    method: "dpo",
    build: { strategy: "random" },
    control: true,
  },
  {
    name: "malformed",
    about: "DPO, malformed replies rejected too",
    method: "dpo",
    build: { rejectMalformed: true },
  },
  {
    name: "best-of-8",
    about: "SFT on the reward's best of 8",
    method: "sft",
    build: { best: 1 },
    quick: true,
  },
];
