/** A journal of paid replies that was damaged, or lost its end to a power cut, put right. */
import type { DiskFile } from "../../core/disk.ts";
import { hash64 } from "../../core/hash64.ts";
import type { Usage } from "../../core/records.ts";
import type { Bill, BillEntry } from "../prices/bill.ts";
import { IdTable } from "../../run/id_table.ts";
import { readManifest } from "../../io/records/manifest_file.ts";
import type { RunFolder } from "../../run/run_folder.ts";
import { scanLines } from "../../run/scan_lines.ts";
import { readKeyedLine } from "../../run/keyed_line.ts";

/** The replies that a record was made of, as far as it tells what they cost. */
export interface PaidReplies {
  of: (record: never) => { id: string; usage: Usage }[];
  /** Their usage is as it was billed; else replies are told apart by their number. */
  exact: boolean;
}

/**
 * Books what the journal lacks, so that the cap holds: the replies that stand in the records, then
 * what the last manifest counted beyond them. After an orderly end nothing can be lacking, and no
 * record is read. What was lacking is logged.
 */
export function mendBill(
  bill: Bill,
  folder: RunFolder,
  replies: PaidReplies,
  { batch, log }: { batch: boolean; log: (line: string) => void },
): void {
  const counted = orderlyCount(folder);
  if (counted !== undefined && bill.damaged === 0 && bill.replies >= counted.replies) return;
  const before = { replies: bill.replies, cost: bill.cost };
  const booked = new IdTable();
  const keyOf = keys(replies.exact), keyOfKept = keys(replies.exact);
  bill.visit((entry) => booked.row(keyOf(entry)));
  visitKept(folder, (record) => {
    for (const { id, usage } of replies.of(record)) {
      const { added } = booked.row(keyOfKept({ id, usage }));
      if (added) bill.add(id, usage, batch ? { batch } : {});
    }
  });
  if (counted) bookRest(bill, counted, batch);
  if (bill.replies === before.replies && bill.damaged === 0) return;
  const dollars = bill.cost === null ? "" : `, $${(bill.cost - before.cost!).toFixed(4)}`;
  log(
    `${bill.path}: ${bill.damaged} damaged line(s) dropped; ${bill.replies - before.replies} ` +
      `paid replies${dollars} were put back from the records and the manifest; replies that became ` +
      `no record may be missing from the bill`,
  );
}

type Counted = Record<"replies" | "prompt" | "completion" | "reasoning" | "cached", number>;

/** What an earlier process had paid when it ended; undefined where it was ended, or never began. */
function orderlyCount({ files, disk }: RunFolder): Counted | undefined {
  try {
    const { status, tokens } = readManifest(files.manifest, disk) ?? {};
    if (status === undefined || status === "running") return undefined;
    const { replies = 0, prompt = 0, completion = 0, reasoning = 0, cached = 0 } = tokens!;
    return { replies, prompt, completion, reasoning, cached };
  } catch {
    return undefined; // Its reader says so when the run begins.
  }
}

/** Visits the records that are whole. */
function visitKept(
  { files, disk }: RunFolder,
  visit: (record: never) => void,
): void {
  let records: DiskFile;
  try {
    records = disk.openSync(files.records, { read: true });
  } catch {
    return; // None are there yet.
  }
  scanLines(records, (text) => {
    if (readKeyedLine(text)) visit(JSON.parse(text) as never);
    return true;
  });
  records.close();
}

/** Books what the manifest counted beyond what the journal holds by now. */
function bookRest(bill: Bill, counted: Counted, batch: boolean): void {
  const lacking = (tokens: number, has: number) => Math.max(0, tokens - has);
  const replies = lacking(counted.replies, bill.replies);
  const usage: Usage = {
    prompt_tokens: lacking(counted.prompt, bill.tokens.prompt),
    completion_tokens: lacking(counted.completion, bill.tokens.completion),
    reasoning_tokens: lacking(counted.reasoning, bill.tokens.reasoning),
    cached_tokens: lacking(counted.cached, bill.tokens.cached),
  };
  const any = replies + usage.prompt_tokens + usage.completion_tokens > 0;
  if (any) bill.add("", usage, { replies, ...(batch ? { batch } : {}) });
}

/** Names for replies: by what they cost, or by how many of the same prompt came before. */
function keys(exact: boolean): (entry: Pick<BillEntry, "id" | "usage">) => bigint {
  const seen = new Map<string, number>();
  return ({ id, usage }) => {
    if (!exact) {
      const before = seen.get(id) ?? 0;
      seen.set(id, before + 1);
      return hash64(`${id}\n${before}`);
    }
    const { prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens = 0 } = usage;
    return hash64(
      [id, prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens].join("\n"),
    );
  };
}
