/** `explore`, as one value. */
import { join } from "node:path";
import { type CallOptions, defineStage, type Stage, type StageFacts } from "../run/define_stage.ts";
import type { Explorer } from "./explore.ts";
import { ExploreOptions } from "./explore_options.ts";

/** `explore`; a path alone, in a notebook, is a run whose decisions stand beside its records. */
export type Explore = Stage<ExploreOptions, never, Explorer> & {
  (run: string, call?: CallOptions): Promise<Explorer>;
};

/** Makes `explore` for a list of stages: what it shows of a folder depends on what made it. */
export function exploreOf(stages: readonly StageFacts[]): Explore {
  const stage = defineStage({
    name: "explore",
    summary: "a local page to look through runs and datasets, and to decide on prompts by hand",
    examples: [
      "explore --in runs/scored --decisions decisions.jsonl",
      "explore --in runs/scored-think --in runs/scored-nothink --no-open",
      "explore --in checkpoints/completions",
      "explore --in runs/scored --bundle site",
    ],
    options: ExploreOptions,
    leaves: { kind: "nothing" },
    rejects: [],
    run: async ({ options, context }) =>
      await (await import("./explore.ts")).openExplorer(options, context, stages),
  });
  const explore = (given: string | ExploreOptions, call?: CallOptions) =>
    stage(
      typeof given === "string" ? { in: given, decisions: decisionsBeside(given) } : given,
      call,
    );
  return Object.defineProperties(explore, Object.getOwnPropertyDescriptors(stage)) as Explore;
}

/** The decisions file of a run that is given without one: in its folder, or beside its file. */
export function decisionsBeside(run: string): string {
  return /\.(json|jsonl|ndjson|csv|tsv|parquet|gz)$/i.test(run)
    ? `${run}.decisions.jsonl`
    : join(run, "decisions.jsonl");
}
