/** What a run of a paid chat model would cost, before anything is sent. */
import { join } from "node:path";
import type { Json } from "../../core/canonical.ts";
import type { StageContext } from "../../core/context.ts";
import type { Usage } from "../../core/records.ts";
import { type BadRow, BadRows, isBadRow } from "../../io/rows/bad_rows.ts";
import { finishedIn } from "../../run/finished.ts";
import { partName, type Shard, shardFrom, shardRange } from "../../run/shard.ts";
import { BYTES_PER_TOKEN, mostUsage, promptBytes } from "../call/paid.ts";
import type { ChatRequest } from "../chat_model.ts";
import { costOf } from "../prices/cost.ts";
import { ageOfPrices, loadPrices } from "../prices/price_table.ts";
import { readBill } from "../prices/read_bill.ts";
import { chatPrice } from "./open_paid.ts";

/** The account of a run that has not been made, or not to its end. */
export interface CostEstimate {
  /** The SPEC of the model. */
  model: string;
  /** Prompts of this shard, and those neither kept nor rejected yet that would be asked. */
  prompts: number;
  /** Prompts that would be asked. */
  toAsk: number;
  /** Replies that would be asked for: one a prompt, or several; a judge's verdicts. */
  requests: number;
  /** Where the guess comes from: the replies that OUT has paid for already, or a rule of thumb. */
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
export interface EstimatedOptions {
  maxBadRows: number;
  out: string;
  shard?: string;
  limit?: number;
  retryRejects: readonly string[];
  prices?: string;
  batch: boolean;
}

/** What is known of a stage's input and its requests. */
export interface EstimatedStage<I extends { id: string }> {
  /** The SPEC of the chat model. */
  model: string;
  options: EstimatedOptions;
  /** The input's first path, for messages. */
  where: string;
  /** The input as the run reads it, and what of an item affects its record. */
  read: () => AsyncIterable<I | BadRow>;
  content: (item: I) => Json;
  /** What an item is asked with, a chat a reply; nothing where it is rejected before that. */
  requests: (item: I) => readonly ChatRequest[];
  /** Completion tokens of a reply where none is there yet. */
  assumed: number;
}

/**
 * Estimates what a run with these options would cost, and sends nothing; no key is needed. Where
 * OUT has paid for replies already (run with `--limit 50` first), their tokens a request and a byte
 * are taken, those that had to be asked again among them; else a rule of thumb.
 *
 * Throws `InputError` for bad options or input.
 */
export async function estimateCost<I extends { id: string }>(
  stage: EstimatedStage<I>,
  context: Pick<StageContext, "env" | "log" | "now">,
): Promise<CostEstimate> {
  const { options, model } = stage, { batch, prices } = options;
  const shard = shardFrom(options.shard, context.env, context.log);
  const price = chatPrice({ model, prices });
  const finished = await finishedIn(options, shard);
  const { paid, spent } = await readBill(
    join(options.out, "spend", `${partName(shard)}.jsonl`),
    price,
  );
  let toAsk = 0, messages = 0, most = 0, measured = 0;
  const asked = { requests: 0, bytes: 0 };
  const done = { requests: 0, bytes: 0, prompt: 0, completion: 0 };
  const prompts = await eachItem(stage, shard, (item) => {
    const requests = stage.requests(item), as = finished(item.id, stage.content(item));
    const bytes = requests.reduce((sum, request) => sum + promptBytes(request), 0);
    const bills = [...new Set(requests.map(({ id }) => id))].flatMap((id) => paid.get(id) ?? []);
    if (as !== undefined) {
      if (bills.length === 0) return;
      if (as === "kept") measured += requests.length;
      done.requests += requests.length;
      done.bytes += bytes;
      for (const { prompt, completion } of bills) {
        done.prompt += prompt;
        done.completion += completion;
      }
    } else if (requests.length > 0) {
      toAsk++;
      asked.requests += requests.length;
      asked.bytes += bytes;
      for (const request of requests) {
        messages += request.messages.length;
        if (price) most += costOf(mostUsage(request), price, { batch });
      }
    }
  });
  const usage: Usage = {
    prompt_tokens: Math.round(
      measured > 0
        ? asked.bytes * done.prompt / done.bytes
        : asked.bytes / BYTES_PER_TOKEN + messages * AROUND,
    ),
    completion_tokens: Math.round(
      asked.requests * (measured > 0 ? done.completion / done.requests : stage.assumed),
    ),
    reasoning_tokens: 0,
  };
  return {
    model,
    prompts,
    toAsk,
    requests: asked.requests,
    basis: measured > 0 ? "measured" : "assumed",
    measured,
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    // A price for long prompts goes by the prompt, not by the sum of them.
    cost: price ? costOf(usage, { ...price, long: undefined }, { batch }) : null,
    most: price ? most : null,
    spent: price ? spent : null,
    pricesOf: ageOfPrices(loadPrices(prices), context.now()),
  };
}

/** An estimate as lines for a person. */
export function estimateLines(estimate: CostEstimate): string[] {
  const { model, prompts, toAsk, requests, basis, measured, cost, most, spent } = estimate;
  const count = (value: number) => value.toLocaleString("en");
  const tokens = `${count(estimate.promptTokens)} prompt and ` +
    `${count(estimate.completionTokens)} completion tokens`;
  const ground = basis === "measured"
    ? `as in the ${measured} replies that are there`
    : "by a rule of thumb: run with --limit 50 first for a better guess";
  const replies = requests === toAsk ? "" : ` for ${count(requests)} replies`;
  return [
    `${model}: ${toAsk} of ${prompts} prompts to ask${replies}, about ${tokens} (${ground})`,
    cost === null
      ? "no price is known for this model: give one with --prices FILE"
      : `about $${cost.toFixed(2)}; at most $${most!.toFixed(2)} if every reply ran to its limit ` +
        `(${estimate.pricesOf})`,
    ...(spent ? [`$${spent.toFixed(2)} spent so far`] : []),
  ];
}

/** Visits the shard's items, each id once, and gives their number. */
async function eachItem<I extends { id: string }>(
  { options, where, read }: EstimatedStage<I>,
  shard: Shard,
  visit: (item: I) => void,
): Promise<number> {
  const all = new Set<string>();
  const bad = new BadRows(where, options.maxBadRows);
  let rows = 0;
  for await (const item of read()) {
    if (all.size === options.limit) break;
    rows++;
    if (isBadRow(item)) bad.add(item);
    all.add(item.id);
  }
  bad.check(rows);
  const { from, to } = shardRange(shard, all.size);
  const visited = new Set<string>();
  for await (const item of read()) {
    const position = visited.size;
    if (visited.has(item.id) || position >= to) continue;
    visited.add(item.id);
    if (position >= from && !isBadRow(item)) visit(item);
  }
  return to - from;
}
