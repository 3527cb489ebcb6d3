/** `verify`, as one value. */
import { defineStage, type Stage, type StageFacts } from "../run/define_stage.ts";
import type { Verified } from "./verify.ts";
import { VerifyOptions } from "./verify_options.ts";

/** Makes `verify` for a list of stages: what it checks of a folder depends on what made it. */
export function verifyOf(
  stages: readonly StageFacts[],
): Stage<VerifyOptions, never, Verified> {
  return defineStage({
    name: "verify",
    summary:
      "recomputes hashes, counts and the ledger of runs and datasets; exit 1 on a difference",
    examples: [
      "verify --in runs/demo",
      "verify --in runs/demo --trace capital-france",
      "verify --lineage --in datasets/dpo",
    ],
    options: VerifyOptions,
    leaves: { kind: "nothing" },
    rejects: [],
    run: async ({ options }) => await (await import("./verify.ts")).verify(options, stages),
  });
}
