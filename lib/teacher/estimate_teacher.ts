/** What a teacher run would cost, before anything is sent. */
import { join } from "node:path";
import { defaultContext, type StageContext } from "../core/context.ts";
import { parseOptions } from "../core/options.ts";
import type { Prompt, Usage } from "../core/records.ts";
import { readingOf } from "../io/input_options.ts";
import { BadRows, isBadRow } from "../io/bad_rows.ts";
import { readPromptRows } from "../io/read_prompts.ts";
import { readTeacherRecords } from "../io/read_records.ts";
import { readRejectsFile } from "../io/read_rejects.ts";
import { BYTES_PER_TOKEN, mostUsage, promptBytes } from "../model/call/paid.ts";
import type { ChatRequest, Thinking } from "../model/chat_model.ts";
import { costOf } from "../model/prices/cost.ts";
import { ageOfPrices, loadPrices, type ModelPrice } from "../model/prices/price_table.ts";
import { readBill } from "../model/prices/read_bill.ts";
import { partName, type Shard, shardFrom, shardRange } from "../run/shard.ts";
import { checkProviderLimits } from "../model/call/provider_limits.ts";
import { instructed } from "./instruction.ts";
import { otherLanguage, userText } from "./language.ts";
import { teacherPrice } from "./open_paid_teacher.ts";
import { SampleTeacherOptions, type TeacherSettings } from "./teacher_options.ts";

/** The account of a run that has not been made, or not to its end. */
export interface TeacherEstimate {
  /** The SPEC of the teacher. */
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

/** Completion tokens of a reply where none is known: short chats, planned or not. */
const ASSUMED: Record<Thinking, number> = {
  simulated: 1_200,
  structured: 1_200,
  native: 2_500,
  none: 600,
};

/** Tokens that providers put around a message. */
const AROUND = 4;

/**
 * Estimates what `sampleTeacher` with the same options would cost, and sends nothing; no key is
 * needed. Where OUT holds replies already (run with `--limit 50` first), their tokens a reply and a
 * byte are taken, and the share of replies that had to be asked again; else a rule of thumb.
 *
 * Throws `InputError` for bad options or input.
 */
export async function estimateTeacher(
  given: SampleTeacherOptions,
  overrides: Partial<StageContext> = {},
): Promise<TeacherEstimate> {
  const options = parseOptions(SampleTeacherOptions, given);
  checkProviderLimits(options);
  const context = defaultContext(overrides);
  const shard = shardFrom(options.shard, context.env, context.log);
  const table = loadPrices(options.prices);
  const price = teacherPrice(options);
  const seen = await measuredIn(options, shard, price);
  const batch = options.batch;

  let toAsk = 0, bytes = 0, messages = 0, most = 0;
  const prompts = await eachPrompt(options, shard, (prompt) => {
    if (seen.done.has(prompt.id)) return;
    const request = requestFor(prompt, options);
    toAsk++;
    bytes += promptBytes(request);
    messages += request.messages.length;
    if (price) most += costOf(mostUsage(request), price, { batch });
  });

  const measured = seen.replies > 0;
  const usage: Usage = measured
    ? {
      prompt_tokens: Math.round(bytes * seen.promptTokensPerByte * seen.repliesPerPrompt),
      completion_tokens: Math.round(toAsk * seen.completionTokens * seen.repliesPerPrompt),
      reasoning_tokens: 0,
    }
    : {
      prompt_tokens: Math.round(bytes / BYTES_PER_TOKEN + messages * AROUND),
      completion_tokens: toAsk * Math.min(ASSUMED[options.thinking], options.maxTokens),
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
    // A price for long prompts goes by the prompt, not by the sum of them.
    cost: price ? costOf(usage, { ...price, long: undefined }, { batch }) : null,
    most: price ? most : null,
    spent: price ? seen.spent : null,
    pricesOf: ageOfPrices(table, context.now()),
  };
}

/** An estimate as lines for a person. */
export function estimateLines(estimate: TeacherEstimate): string[] {
  const { model, prompts, toAsk, basis, measured, cost, most, spent, pricesOf } = estimate;
  const tokens = `${estimate.promptTokens.toLocaleString("en")} prompt and ` +
    `${estimate.completionTokens.toLocaleString("en")} completion tokens`;
  const ground = basis === "measured"
    ? `as in the ${measured} replies that are there`
    : "by a rule of thumb: run with --limit 50 first for a better guess";
  const lines = [`${model}: ${toAsk} of ${prompts} prompts to ask, about ${tokens} (${ground})`];
  if (cost === null) {
    lines.push("no price is known for this model: give one with --prices FILE");
  } else {
    lines.push(
      `about $${cost.toFixed(2)}; at most $${most!.toFixed(2)} if every reply ran to its limit ` +
        `(${pricesOf})`,
    );
    if (spent) lines.push(`$${spent.toFixed(2)} spent so far`);
  }
  return lines;
}

interface Measured {
  /** Prompts that are kept or rejected. */
  done: Set<string>;
  /** Records that the measure rests on. */
  replies: number;
  promptTokensPerByte: number;
  completionTokens: number;
  /** Replies paid for each prompt that is done: those asked again count too. */
  repliesPerPrompt: number;
  spent: number;
}

async function measuredIn(
  options: TeacherSettings,
  shard: Shard,
  price: ModelPrice | undefined,
): Promise<Measured> {
  const done = new Set<string>();
  const file = (folder: string) => join(options.out, folder, `${partName(shard)}.jsonl`);
  let replies = 0, bytes = 0, promptTokens = 0, completionTokens = 0;
  if (exists(file("records"))) {
    for await (const record of readTeacherRecords(file("records"), { allowPartial: true })) {
      done.add(record.id);
      replies++;
      bytes += promptBytes(requestFor(record, options));
      promptTokens += record.usage.prompt_tokens;
      completionTokens += record.usage.completion_tokens;
    }
  }
  if (exists(file("rejects"))) {
    for await (const { id } of readRejectsFile(file("rejects"))) done.add(id);
  }
  const bill = await readBill(file("spend"), price);
  const paid = [...bill.ids].filter((id) => done.has(id)).length;
  return {
    done,
    replies,
    promptTokensPerByte: bytes > 0 ? promptTokens / bytes : 1 / BYTES_PER_TOKEN,
    completionTokens: replies > 0 ? completionTokens / replies : 0,
    repliesPerPrompt: paid > 0 ? Math.max(1, bill.replies / paid) : 1,
    spent: bill.spent,
  };
}

/** Visits the shard's prompts, each id once, but for those that the language filter rejects. */
async function eachPrompt(
  options: TeacherSettings,
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
    const { language } = options;
    const other = language === "any" ? null : otherLanguage(userText(prompt.messages), language);
    if (other === null) visit(prompt);
  }
  return to - from;
}

function requestFor({ id, messages }: Pick<Prompt, "id" | "messages">, options: TeacherSettings) {
  const { thinking, maxTokens, temperature, topP, seed, thinkingBudget } = options;
  const asked = instructed(messages, thinking);
  const sampling = { maxTokens, temperature, topP, seed, thinkingBudget, attempt: 0 };
  return { id, messages: asked, thinking, ...sampling } satisfies ChatRequest;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
