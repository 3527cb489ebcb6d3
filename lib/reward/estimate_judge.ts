/** What a judge would cost, before anything is sent. */
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { Usage } from "../core/records.ts";
import { readingOf } from "../io/inputs/input_options.ts";
import { readPolicyRecords } from "../io/records/read_records.ts";
import { BYTES_PER_TOKEN, mostUsage, promptBytes } from "../model/call/paid.ts";
import type { ChatRequest } from "../model/chat_model.ts";
import { judgeRequests } from "../model/open.ts";
import { costLine, costsOf } from "../model/paid/estimated_costs.ts";
import { chatPrice } from "../model/paid/open_paid.ts";
import { costOf } from "../model/prices/cost.ts";
import { judgeOf, judgePrompt } from "./judge_options.ts";
import { scoringItems } from "./score_record.ts";
import type { ScoreResponsesOptions } from "./score_options.ts";

/** Tokens of a verdict: a sentence or two, and its marks. */
const VERDICT = 120;

/** The account of a judge that was not asked yet. */
export interface JudgeEstimate {
  /** The SPEC of the chat model. */
  model: string;
  /** Prompts whose replies would be judged. */
  prompts: number;
  /** Questions about them. */
  requests: number;
  /** Tokens of all questions. */
  promptTokens: number;
  /** Tokens of all verdicts. */
  completionTokens: number;
  /** US dollars; null where no price is known. */
  cost: number | null;
  /** US dollars if every verdict ran to its limit. */
  most: number | null;
  /** The day of the prices, their source and their age. */
  pricesOf: string;
}

/** Estimates what the judge of a run would cost, and sends nothing. Throws `InputError`. */
export async function estimateJudge(
  options: z.output<typeof ScoreResponsesOptions>,
  { now }: Pick<StageContext, "now">,
): Promise<JudgeEstimate> {
  const model = judgeOf([options.rewardModel].flat());
  if (model === undefined) {
    throw new InputError("--estimate: no reward model is a judge/…: nothing is paid for");
  }
  const { judgeMode: mode, criterion: criteria, judgeMaxTokens: maxTokens, batch } = options;
  const text = await judgePrompt(options), { judgeRounds: rounds } = options;
  const requestsOf = await judgeRequests({ mode, criteria, text, rounds });
  const price = chatPrice({ model, prices: options.prices });
  let prompts = 0, requests = 0, bytes = 0, most = 0;
  for await (
    const record of readPolicyRecords(options.in, { ...readingOf(options), format: options.format })
  ) {
    if (prompts === options.limit) break;
    prompts++;
    for (const messages of requestsOf(scoringItems(record))) {
      const request = { id: record.id, messages, thinking: "none", maxTokens } as ChatRequest;
      requests++;
      bytes += promptBytes(request);
      if (price) most += costOf(mostUsage(request), price, { batch });
    }
  }
  const usage: Usage = {
    prompt_tokens: Math.round(bytes / BYTES_PER_TOKEN),
    completion_tokens: requests * Math.min(VERDICT, maxTokens),
    reasoning_tokens: 0,
  };
  return {
    model,
    prompts,
    requests,
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    ...costsOf(usage, most, { ...options, model }, now()),
  };
}

/** An estimate as lines for a person. */
export function judgeLines(estimate: JudgeEstimate): string[] {
  const { model, prompts, requests, promptTokens, completionTokens } = estimate;
  const count = (value: number) => value.toLocaleString("en");
  return [
    `${model}: ${count(requests)} verdicts on ${count(prompts)} prompts, about ` +
    `${count(promptTokens)} prompt and ${count(completionTokens)} completion tokens ` +
    `(by a rule of thumb)`,
    costLine(estimate, "verdict"),
  ];
}
