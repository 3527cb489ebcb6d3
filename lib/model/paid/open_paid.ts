/** Opens a chat model that is paid for, with everything that stands between it and the stage. */
import { join } from "node:path";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { type Binding, onItsWay } from "../batch/job_log.ts";
import { wrappedChat } from "../call/call.ts";
import { patient, unlessDown, watched } from "../call/guards.ts";
import { billed, paced } from "../call/paid.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../chat_model.ts";
import { openTeacher } from "../open.ts";
import { Bill } from "../prices/bill.ts";
import { ageOfPrices, loadPrices, type ModelPrice, priceOf } from "../prices/price_table.ts";
import { parseSpec, providerOf } from "../spec.ts";
import { circuitBreaker } from "../../run/circuit_breaker.ts";
import { patience } from "../../run/patience.ts";
import { rateLimit } from "../../run/rate_limit.ts";
import { stallWatch } from "../../run/stall_watch.ts";
import type { RunFolder } from "../../run/run_folder.ts";
import { partName } from "../../run/shard.ts";
import { mendBill, type PaidReplies } from "./mend_bill.ts";
import type { PaidOptions } from "./paid_options.ts";

/** What of a stage's options says how its model is reached, and what it may cost. */
export interface PaidSettings extends PaidOptions {
  model: string;
  out: string;
  baseUrl: string[];
  timeout: number;
  record?: string;
}

/** What a stage says of itself beside its options. */
export interface PaidStage {
  /** The options that a request's answer depends on: an open batch is for these alone. */
  binding: Binding;
  /** The replies in its records, for a bill that was damaged. */
  replies: PaidReplies;
}

/** A chat model, and what it has been paid so far. */
export interface PaidChat {
  model: ChatModel;
  paid: () => { tokens: Record<string, number>; cost: number | null };
}

/**
 * The chat model of a SPEC behind pace, circuit breaker, stall watch, bill and cap. A model without a
 * known price is said so, and its tokens are counted.
 *
 * Throws `InputError` for a missing key or bad prices, and where a cap is set but no price known.
 */
export async function openPaidChat(
  options: PaidSettings,
  { binding, replies }: PaidStage,
  folder: RunFolder,
  context: StageContext,
): Promise<PaidChat> {
  const { name } = parseSpec(options.model);
  const price = chatPrice(options);
  if (price === undefined) {
    if (options.maxCostUsd !== undefined) {
      throw new InputError(
        `--max-cost-usd: no price is known for ${name}: give one with --prices FILE`,
      );
    }
    context.log(`no price is known for ${name}: tokens are counted, their cost is not`);
  } else if (isPaid(options)) {
    context.log(`${name}: ${ageOfPrices(loadPrices(options.prices), context.now())}`);
    const ends = endsSoon(price, context.now());
    if (ends !== undefined) context.log(`${name}: its provider shuts it down on ${ends}`);
  }
  const batchFolder = join(folder.out, "batch", partName(folder.shard));
  const inTheWay = onItsWay(
    join(batchFolder, "jobs.jsonl"),
    options.batch ? binding : undefined,
  );
  if (inTheWay !== undefined) {
    throw new InputError(
      `${options.out}: ${inTheWay}; choose another --out, or fetch it with the options it was made with`,
    );
  }
  const rate = rateLimit({
    ...context,
    requestsPerMinute: options.rpm,
    tokensPerMinute: options.tpm,
  });
  const teacher = await openTeacher({
    ...options,
    batches: options.batch ? { folder: batchFolder, binding } : undefined,
    onHeaders: options.batch ? undefined : rate.observe,
  }, context);
  const bill = new Bill({ log: folder.openLog("spend"), price, maxCostUsd: options.maxCostUsd });
  mendBill(bill, folder, replies, { batch: options.batch, log: context.log });
  const { batch } = options;
  const { signal: stop, monotonic } = context;
  const watch = stallWatch({
    ...context,
    timeoutMs: options.timeout * 1000,
    quietMs: batch ? 2 ** 31 - 1 : undefined,
  });
  // A batch takes hours; any other call that takes far longer than all others has hung.
  const patiently = batch ? undefined : patience({ monotonic });
  const model = wrappedChat(teacher, [
    billed(bill, { batch, log: context.log }),
    // Batches fail by the thousand when one expires; that is no outage.
    unlessDown(circuitBreaker({ ...context, failures: batch ? Infinity : undefined }), stop),
    paced(rate, stop),
    watched(watch),
    ...(patiently ? [patient<ChatRequest, ChatReply>(patiently)] : []),
  ], () => {
    patiently?.close();
    watch.close();
    bill.close();
  });
  const paid = () => ({ tokens: { ...bill.tokens, replies: bill.replies }, cost: bill.cost });
  const close = async () => {
    context.log(`${name}: ${billLine(bill)}`);
    await model.close();
  };
  return { model: { ...model, close }, paid };
}

/** What was paid in all, earlier runs into the same folder included. */
function billLine({ replies, estimated, tokens, cost }: Bill): string {
  const count = (tokens: number) => tokens.toLocaleString("en");
  const spent = cost === null ? "at an unknown price" : `for $${cost.toFixed(4)}`;
  return `${count(replies)} replies ${spent}, ${count(tokens.prompt)} prompt and ` +
    `${count(tokens.completion)} completion tokens` +
    (estimated > 0 ? ` (${count(estimated)} of them without usage: counted by their bytes)` : "");
}

/** What a model's tokens cost: nothing where the server is one's own or in this process. */
export function chatPrice({ model, prices }: Pick<PaidSettings, "model" | "prices">) {
  const { name } = parseSpec(model);
  return isPaid({ model }) ? priceOf(loadPrices(prices), name) : { input: 0, output: 0 };
}

function isPaid({ model }: Pick<PaidSettings, "model">): boolean {
  return providerOf(model).paid ?? false;
}

/** The day on which a model ends, where that is within a month or over. */
function endsSoon({ shut_down }: ModelPrice, now: number): string | undefined {
  const soon = new Date(now + 30 * 86_400_000).toISOString().slice(0, 10);
  return shut_down !== undefined && shut_down <= soon ? shut_down : undefined;
}
