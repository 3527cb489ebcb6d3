/** What a run of a paid chat model would cost, before anything is sent. */
import { defaultContext, type StageContext } from "../../core/context.ts";
import type { Prompt, Usage } from "../../core/records.ts";
import type { InputFilesOptions } from "../../io/inputs/input_files.ts";
import { readingOf } from "../../io/inputs/input_options.ts";
import { BadRows, isBadRow } from "../../io/rows/bad_rows.ts";
import { readPromptRows } from "../../io/prompts/read_prompts.ts";
import { BYTES_PER_TOKEN, mostUsage, promptBytes } from "../call/paid.ts";
import { costOf } from "../prices/cost.ts";
import { type Shard, shardFrom, shardRange } from "../../run/shard.ts";
import { costLine, costsOf } from "./estimated_costs.ts";
import { measuredIn, type MeasuredStage } from "./measured.ts";
import { chatPrice } from "./open_paid.ts";

/** The account of a run that has not been made, or not to its end. */
export interface CostEstimate {
  /** The SPEC of the model. */
  model: string;
  /** Prompts of this shard, and those neither kept nor rejected yet that would be asked. */
  prompts: number;
  /** Prompts that would be asked. */
  toAsk: number;
  /** Where the guess comes from: the replies that OUT holds already, or a rule of thumb. */
  basis: "measured" | "assumed";
  /** Replies that `basis` rests on. */
  measured: number;
  /** Tokens of all prompts to be asked. */
  promptTokens: number;
  /** Tokens of all their replies. */
  completionTokens: number;
  /** US dollars; null where no price is known, 0 for models that cost nothing. */
  cost: number | null;
  /** US dollars if every reply ran to its limit and none were asked again. */
  most: number | null;
  /** US dollars that OUT has cost so far. */
  spent: number | null;
  /** The day of the prices, their source and their age. */
  pricesOf: string;
}

/** Tokens that providers put around a message. */
const AROUND = 4;

/** What an estimate takes of a stage's options. */
export interface EstimatedOptions extends InputFilesOptions {
  maxBadRows: number;
  prompts: string | string[];
  promptKey?: string;
  model: string;
  out: string;
  shard?: string;
  limit?: number;
  retryRejects: readonly string[];
  prices?: string;
  batch: boolean;
}

/** What is known of a stage's requests. */
export interface EstimatedStage extends MeasuredStage {
  options: EstimatedOptions;
  /** Completion tokens of a reply where none is there yet. */
  assumed: number;
  /** False for prompts that are rejected before anything is sent. */
  asks?: (prompt: Prompt) => boolean;
}

/**
 * Estimates what a run with these options would cost, and sends nothing; no key is needed. Where
 * OUT holds replies already (run with `--limit 50` first), their tokens a reply and a byte are
 * taken, and the share of replies that had to be asked again; else a rule of thumb.
 *
 * Throws `InputError` for bad options or input.
 */
export async function estimateCost(
  stage: EstimatedStage,
  overrides: Partial<StageContext> = {},
): Promise<CostEstimate> {
  const { options } = stage;
  const context = defaultContext(overrides);
  const shard = shardFrom(options.shard, context.env, context.log);
  const price = chatPrice(options);
  const seen = await measuredIn(stage, shard, price);
  const batch = options.batch;

  let toAsk = 0, bytes = 0, messages = 0, most = 0;
  const { replies } = stage;
  const prompts = await eachPrompt(stage, shard, (prompt) => {
    if (seen.isDone(prompt)) return;
    const request = stage.request(prompt);
    toAsk++;
    bytes += replies * promptBytes(request);
    messages += replies * request.messages.length;
    if (price) most += replies * costOf(mostUsage(request), price, { batch });
  });

  const measured = seen.replies > 0;
  const usage: Usage = measured
    ? {
      prompt_tokens: Math.round(bytes * seen.promptTokensPerByte * seen.repliesPerPrompt),
      completion_tokens: Math.round(
        toAsk * replies * seen.completionTokens * seen.repliesPerPrompt,
      ),
      reasoning_tokens: 0,
    }
    : {
      prompt_tokens: Math.round(bytes / BYTES_PER_TOKEN + messages * AROUND),
      completion_tokens: toAsk * replies * stage.assumed,
      reasoning_tokens: 0,
    };
  return {
    model: options.model,
    prompts,
    toAsk,
    basis: measured ? "measured" : "assumed",
    measured: seen.replies,
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    ...costsOf(usage, most, options, context.now()),
    spent: price ? seen.spent : null,
  };
}

/** An estimate as lines for a person. */
export function estimateLines(estimate: CostEstimate): string[] {
  const { model, prompts, toAsk, basis, measured, spent } = estimate;
  const tokens = `${estimate.promptTokens.toLocaleString("en")} prompt and ` +
    `${estimate.completionTokens.toLocaleString("en")} completion tokens`;
  const ground = basis === "measured"
    ? `as in the ${measured} replies that are there`
    : "by a rule of thumb: run with --limit 50 first for a better guess";
  const asked = `${model}: ${toAsk} of ${prompts} prompts to ask, about ${tokens} (${ground})`;
  const paid = spent ? [`$${spent.toFixed(2)} spent so far`] : [];
  return [asked, costLine(estimate, "reply"), ...paid];
}

/** Visits the shard's prompts that would be asked, each id once. */
async function eachPrompt(
  { options, asks = () => true }: EstimatedStage,
  shard: Shard,
  visit: (prompt: Prompt) => void,
): Promise<number> {
  const all = new Set<string>();
  const { promptKey } = options;
  const read = () => readPromptRows(options.prompts, { promptKey, ...readingOf(options) });
  const bad = new BadRows([options.prompts].flat()[0]!, options.maxBadRows);
  let rows = 0;
  for await (const prompt of read()) {
    if (all.size === options.limit) break;
    rows++;
    if (isBadRow(prompt)) bad.add(prompt);
    all.add(prompt.id);
  }
  bad.check(rows);
  const { from, to } = shardRange(shard, all.size);
  const visited = new Set<string>();
  for await (const prompt of read()) {
    const position = visited.size;
    if (visited.has(prompt.id) || position >= to) continue;
    visited.add(prompt.id);
    if (position < from || isBadRow(prompt)) continue;
    if (asks(prompt)) visit(prompt);
  }
  return to - from;
}
