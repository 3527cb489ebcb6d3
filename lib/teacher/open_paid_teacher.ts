/** Opens a teacher that is paid for, with everything that stands between it and the stage. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { type Binding, onItsWay } from "../model/batch/job_log.ts";
import { wrappedChat } from "../model/call/call.ts";
import { patient, unlessDown, watched } from "../model/call/guards.ts";
import { billed, paced } from "../model/call/paid.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../model/chat_model.ts";
import { openTeacher } from "../model/open.ts";
import { Bill } from "../model/prices/bill.ts";
import { ageOfPrices, loadPrices, type ModelPrice, priceOf } from "../model/prices/price_table.ts";
import { parseSpec } from "../model/spec.ts";
import { circuitBreaker } from "../run/circuit_breaker.ts";
import { patience } from "../run/patience.ts";
import { rateLimit } from "../run/rate_limit.ts";
import { stallWatch } from "../run/stall_watch.ts";
import type { RunFolder } from "../run/run_folder.ts";
import { partName } from "../run/shard.ts";
import { mendBill } from "./mend_bill.ts";
import type { TeacherSettings } from "./teacher_options.ts";

/** A teacher, and what it has been paid so far. */
export interface PaidTeacher {
  model: ChatModel;
  paid: () => { tokens: Record<string, number>; cost: number | null };
}

/**
 * The teacher of a SPEC behind pace, circuit breaker, stall watch, bill and cap. A model without a
 * known price is said so, and its tokens are counted.
 *
 * Throws `InputError` for a missing key or bad prices, and where a cap is set but no price known.
 */
export async function openPaidTeacher(
  options: TeacherSettings,
  folder: RunFolder,
  context: StageContext,
): Promise<PaidTeacher> {
  const { name } = parseSpec(options.model);
  const price = teacherPrice(options);
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
    options.batch ? bindingOf(options) : undefined,
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
    batches: options.batch ? { folder: batchFolder, binding: bindingOf(options) } : undefined,
    onHeaders: options.batch ? undefined : rate.observe,
  }, context);
  const bill = new Bill({ log: folder.openLog("spend"), price, maxCostUsd: options.maxCostUsd });
  mendBill(bill, folder, { batch: options.batch, log: context.log });
  const { batch } = options;
  const { signal: stop, monotonic } = context;
  const watch = stallWatch({
    ...context,
    timeoutMs: options.timeout * 1000,
    quietMs: batch ? 2 ** 31 - 1 : undefined,
  });
  // A batch takes hours; any other try that takes far longer than all others has hung.
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

/** The options that a request's answer depends on: a batch that is on its way is for these alone. */
function bindingOf(options: TeacherSettings): Binding {
  const { model, thinking, temperature, topP, maxTokens, seed, baseUrl } = options;
  const { thinkingBudget = null, api = null } = options;
  const sampling = { thinking, temperature, topP, maxTokens, seed, thinkingBudget };
  return { model, ...sampling, api, baseUrl };
}

/** What was paid in all, earlier runs into the same folder included. */
function billLine({ replies, estimated, tokens, cost }: Bill): string {
  const count = (tokens: number) => tokens.toLocaleString("en");
  const spent = cost === null ? "at an unknown price" : `for $${cost.toFixed(4)}`;
  return `${count(replies)} replies ${spent}, ${count(tokens.prompt)} prompt and ` +
    `${count(tokens.completion)} completion tokens` +
    (estimated > 0 ? ` (${count(estimated)} of them without usage: counted by their bytes)` : "");
}

/** What a teacher's tokens cost: nothing where the server is one's own or in this process. */
export function teacherPrice({ model, prices }: Pick<TeacherSettings, "model" | "prices">) {
  const { name } = parseSpec(model);
  return isPaid({ model }) ? priceOf(loadPrices(prices), name) : { input: 0, output: 0 };
}

function isPaid({ model }: Pick<TeacherSettings, "model">): boolean {
  const { provider } = parseSpec(model);
  return provider === "openai" || provider === "gemini";
}

/** The day on which a model ends, where that is within a month or over. */
function endsSoon({ shut_down }: ModelPrice, now: number): string | undefined {
  const soon = new Date(now + 30 * 86_400_000).toISOString().slice(0, 10);
  return shut_down !== undefined && shut_down <= soon ? shut_down : undefined;
}
