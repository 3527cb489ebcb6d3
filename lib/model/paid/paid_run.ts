/** How a run asks its models: how many prompts at once, how long, how often. */
import type { StageContext } from "../../core/context.ts";
import {
  adaptiveLimit,
  type ConcurrencyLimit,
  FIRST_SLOTS,
  fixedLimit,
} from "../../run/concurrency_limit.ts";
import { PAID_ATTEMPTS } from "../../run/retry.ts";
import type { RunFolder } from "../../run/run_folder.ts";
import type { ChatModel } from "../chat_model.ts";
import { chatPrice, openPaidChat, type PaidSettings, type PaidStage } from "./open_paid.ts";

/** Of models that are not paid for: as many prompts as all of them take. */
export function freeRun(
  { concurrency, timeout }: { concurrency?: number; timeout: number },
  models: readonly { concurrency: number }[],
): { slots: ConcurrencyLimit; timeoutMs: number } {
  const most = concurrency ?? Math.min(...models.map((model) => model.concurrency));
  return { slots: fixedLimit(most), timeoutMs: timeout * 1000 };
}

/** Requests that are paid for have each their own limit, and wait for their turn as long as it takes. */
export const PAID_RUN = { attempts: PAID_ATTEMPTS, timeoutMs: 20 * 86_400_000 } as const;

/** Opens a chat model that is paid for, and has it closed; a prompt is `n` requests. */
export async function openPaidRun(
  options: PaidSettings & { concurrency?: number },
  stage: PaidStage,
  { folder, closing }: { folder: () => RunFolder; closing: (model: ChatModel) => ChatModel },
  context: StageContext,
  n = 1,
) {
  const { model, paid } = await openPaidChat(options, stage, folder(), context);
  const slots = paidSlots(options, model, n), watch = watchOf(options);
  return { model: closing(model), paid, slots, watch, ...PAID_RUN };
}

/**
 * What is paid for is looked at sooner, and ended where it goes wrong; a batch is paid for already
 * when its first reply is seen.
 */
function watchOf(options: PaidSettings): { after: number; ends: boolean } | undefined {
  const price = chatPrice(options);
  const paid = price === undefined || price.input > 0 || price.output > 0;
  return paid ? { after: 20, ends: !options.batch && !options.allowMalformed } : undefined;
}

/**
 * Prompts in flight, each of `n` requests: batches take all there is; other paid models find out
 * what the provider bears.
 */
function paidSlots(
  { concurrency, batch }: { concurrency?: number; batch: boolean },
  model: ChatModel,
  n: number,
): ConcurrencyLimit {
  const prompts = (requests: number) => Math.max(1, Math.floor(requests / n));
  if (batch) return fixedLimit(concurrency ?? prompts(model.concurrency));
  const start = concurrency ?? prompts(FIRST_SLOTS),
    max = concurrency ?? prompts(model.concurrency);
  return adaptiveLimit({ start, max });
}
