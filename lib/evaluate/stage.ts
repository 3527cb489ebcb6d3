/** `evaluate`, as one value. */
import { defineStage, type Stage } from "../run/define_stage.ts";
import type { Evaluation } from "./evaluate.ts";
import { EvaluateOptions } from "./evaluate_options.ts";

export type { EvaluatedFigure, EvaluatedFigures, EvaluatedRun, Evaluation } from "./evaluate.ts";
export type { QuickRule } from "./labels.ts";
export type { CalibrationBin } from "./ranking.ts";
export type { FigureName } from "./run_figures.ts";

/**
 * Holds scored runs against labels: the shares right and malformed, the mean reward, the best of k
 * by reward, and how often thought and answer agree, each with its 95% interval over prompts (by
 * bootstrap), for all and by source; against a base, the paired differences.
 *
 * @example
 * ```ts
 * import { EMBEDDED_PROMPTS, evaluate, samplePolicy, scoreResponses } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const format = "prompted-nothink";
 * const policy = { prompts: EMBEDDED_PROMPTS, model: "embedded", format, limit: 20, n: 4 } as const;
 * await samplePolicy({ ...policy, temperature: 1, maxTokens: 64, out: `${out}/policy` });
 * await scoreResponses({ in: `${out}/policy`, rewardModel: "embedded", out: `${out}/scored` });
 * const { runs } = await evaluate({ in: [`${out}/scored`], labels: EMBEDDED_PROMPTS });
 * const { value, low, high } = runs[0]!.figures.right!;
 * assert.ok(low < value && value < high);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options, what is no scored run, and labels that meet no prompt.
 */
export const evaluate: Stage<EvaluateOptions, never, Evaluation> = defineStage({
  name: "evaluate",
  summary: "shares right and malformed, mean reward and best of k of scored runs, with intervals",
  examples: [
    "evaluate --in runs/scored --labels prompts.jsonl",
    "evaluate --in runs/scored-dpo --in runs/scored-sft --against runs/scored-base " +
    "--labels prompts.jsonl --out runs/evaluation.json",
    "evaluate --in runs/scored --label-key answer --rule number --by-source",
  ],
  options: EvaluateOptions,
  leaves: { kind: "nothing" },
  rejects: [],
  run: async ({ options, context }) => {
    const evaluation = await (await import("./evaluate.ts")).evaluate(options, context);
    if (options.out !== undefined) {
      const { writeJson } = await import("../io/disk/write_whole.ts");
      writeJson(options.out, evaluation);
    }
    return evaluation;
  },
});
