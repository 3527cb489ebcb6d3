/** What a judge would cost, before anything is sent. */
import { tmpdir } from "node:os";
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { pathsOf } from "../io/inputs/input_files.ts";
import { judgeRequests } from "../model/open.ts";
import { type CostEstimate, estimateCost } from "../model/paid/estimate.ts";
import { askedBy, judgeOf } from "./judge_options.ts";
import { scoringItems } from "./score_record.ts";
import type { ScoreResponsesOptions } from "./score_options.ts";
import { scoredRows } from "./scored_rows.ts";

/** Tokens of a verdict: a sentence or two, and its marks. */
const VERDICT = 120;

/** Estimates what the judge of a run would cost, and sends nothing. Throws `InputError`. */
export async function estimateJudge(
  options: z.output<typeof ScoreResponsesOptions>,
  context: StageContext,
): Promise<CostEstimate> {
  const model = judgeOf([options.rewardModel].flat());
  if (model === undefined) {
    throw new InputError("--estimate: no reward model is a judge/…: nothing is paid for");
  }
  const asked = await askedBy(options), requestsOf = await judgeRequests(asked);
  return await estimateCost({
    ...{ model, options, where: pathsOf(options.in)[0]! },
    ...scoredRows(options, tmpdir()),
    requests: (record) => requestsOf(scoringItems(record)),
    assumed: Math.min(VERDICT, asked.maxTokens),
  }, context);
}
