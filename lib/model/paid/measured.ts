/** What the replies that a run holds already tell of those to come. */
import { join } from "node:path";
import { isFile } from "../../core/file_kind.ts";
import type { Message, Prompt } from "../../core/records.ts";
import { readManifest } from "../../io/records/manifest_file.ts";
import { promptContent } from "../../io/prompts/read_prompts.ts";
import { readRejectsFile } from "../../io/records/read_rejects.ts";
import { isOfWork, workKey } from "../../run/keyed_line.ts";
import { isAskedAgain } from "../../run/ledger.ts";
import { runFiles } from "../../run/run_files.ts";
import { partName, type Shard } from "../../run/shard.ts";
import { BYTES_PER_TOKEN, promptBytes } from "../call/paid.ts";
import type { ChatRequest } from "../chat_model.ts";
import type { ModelPrice } from "../prices/price_table.ts";
import { readBill } from "../prices/read_bill.ts";

/** Replies that are there already. */
export interface KeptReplies {
  id: string;
  /** The key of its work, as its line has it. */
  key?: string;
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
  /** Whether a prompt, as it is now, is kept or rejected. */
  isDone: (prompt: Prompt) => boolean;
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
  const { records, rejects, manifest } = runFiles(options.out, shard);
  const spend = join(options.out, "spend", `${partName(shard)}.jsonl`);
  const fingerprint = readManifest(manifest)?.fingerprint;
  const done = new Map<string, { key?: string }>();
  let replies = 0, bytes = 0, promptTokens = 0, completionTokens = 0;
  if (isFile(records)) {
    for await (const { id, key, messages, ...tokens } of kept(records)) {
      done.set(id, { key });
      replies += tokens.completionTokens.length;
      for (const each of tokens.completionTokens) completionTokens += each;
      if (tokens.promptTokens === undefined) continue;
      bytes += promptBytes(request({ id, messages }));
      promptTokens += tokens.promptTokens;
    }
  }
  if (isFile(rejects)) {
    for await (const { id, key, reason } of readRejectsFile(rejects)) {
      if (!isAskedAgain(reason, options.retryRejects)) done.set(id, { key });
    }
  }
  const bill = await readBill(spend, price);
  const paid = [...bill.ids].filter((id) => done.has(id)).length;
  return {
    isDone: (prompt) => {
      const line = done.get(prompt.id);
      if (line === undefined || fingerprint === undefined) return line !== undefined;
      return isOfWork(line, workKey(fingerprint, promptContent(prompt)));
    },
    replies,
    promptTokensPerByte: bytes > 0 ? promptTokens / bytes : 1 / BYTES_PER_TOKEN,
    completionTokens: replies > 0 ? completionTokens / replies : 0,
    repliesPerPrompt: paid > 0 ? Math.max(1, bill.replies / paid / wanted) : 1,
    spent: bill.spent,
  };
}
