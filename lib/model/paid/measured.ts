/** What the replies that a run holds already tell of those to come. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Message } from "../../core/records.ts";
import { readRejectsFile } from "../../io/read_rejects.ts";
import { isAskedAgain } from "../../run/ledger.ts";
import { partName, type Shard } from "../../run/shard.ts";
import { BYTES_PER_TOKEN, promptBytes } from "../call/paid.ts";
import type { ChatRequest } from "../chat_model.ts";
import type { ModelPrice } from "../prices/price_table.ts";
import { readBill } from "../prices/read_bill.ts";

/** Replies that are there already. */
export interface KeptReplies {
  id: string;
  messages: Message[];
  /** Tokens of the prompt as billed, where the record tells. */
  promptTokens?: number;
  completionTokens: number[];
}

/** What is known of the stage whose replies they are. */
export interface MeasuredStage {
  options: { out: string; retryRejects: readonly string[] };
  /** Requests a prompt. */
  replies: number;
  /** What a prompt is asked with. */
  request: (prompt: { id: string; messages: Message[] }) => ChatRequest;
  /** The records in a file, with the tokens of their replies. */
  kept: (file: string) => AsyncIterable<KeptReplies>;
}

/** A measure. */
export interface Measured {
  /** Prompts that are kept or rejected. */
  done: Set<string>;
  /** Records that the measure rests on. */
  replies: number;
  promptTokensPerByte: number;
  completionTokens: number;
  /** Replies paid for each one that was wanted: those asked again count too. */
  repliesPerPrompt: number;
  spent: number;
}

/** Measures what a shard of a run holds, and what its journal says was paid. */
export async function measuredIn(
  { options, replies: wanted, request, kept }: MeasuredStage,
  shard: Shard,
  price: ModelPrice | undefined,
): Promise<Measured> {
  const done = new Set<string>();
  const file = (folder: string) => join(options.out, folder, `${partName(shard)}.jsonl`);
  let replies = 0, bytes = 0, promptTokens = 0, completionTokens = 0;
  if (existsSync(file("records"))) {
    for await (const { id, messages, ...tokens } of kept(file("records"))) {
      done.add(id);
      replies += tokens.completionTokens.length;
      for (const each of tokens.completionTokens) completionTokens += each;
      if (tokens.promptTokens === undefined) continue;
      bytes += promptBytes(request({ id, messages }));
      promptTokens += tokens.promptTokens;
    }
  }
  if (existsSync(file("rejects"))) {
    for await (const { id, reason } of readRejectsFile(file("rejects"))) {
      if (!isAskedAgain(reason, options.retryRejects)) done.add(id);
    }
  }
  const bill = await readBill(file("spend"), price);
  const paid = [...bill.ids].filter((id) => done.has(id)).length;
  return {
    done,
    replies,
    promptTokensPerByte: bytes > 0 ? promptTokens / bytes : 1 / BYTES_PER_TOKEN,
    completionTokens: replies > 0 ? completionTokens / replies : 0,
    repliesPerPrompt: paid > 0 ? Math.max(1, bill.replies / paid / wanted) : 1,
    spent: bill.spent,
  };
}
