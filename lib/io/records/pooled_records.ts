/** Replies of several runs to the same prompt as one prompt's candidates, each with its model. */
import { canonicalJson } from "../../core/canonical.ts";
import {
  type Extra,
  type PolicyRecord,
  type PolicyReply,
  type ScoredRecord,
  turnFields,
} from "../../core/records.ts";
import { type BadRow, isBadRow } from "../rows/bad_rows.ts";
import type { Located } from "./read_records.ts";
import { RowSpool } from "../disk/row_spool.ts";

type Replies = Located<PolicyRecord | ScoredRecord>;

/**
 * The records of several inputs, those of one id joined in the place of the first: the replies one
 * after the other, numbered anew, each with its `model`. Records wait on disk at `path`. A record
 * that asks otherwise, or in another format, or was scored by another model than the first of its
 * id, stays a record of its own; one whose replies are the same again is left out, and told. Rows
 * that are no record come first.
 */
export async function* pooled<R extends Replies, B extends BadRow = never>(
  records: AsyncIterable<R | B>,
  path: string,
  onRepeated: () => void = () => {},
): AsyncGenerator<R | B> {
  const spool = new RowSpool(path);
  try {
    const rows = new Map<string, number[]>();
    for await (const record of records) {
      if (isBadRow(record)) {
        yield record;
        continue;
      }
      const own = rows.get(record.id);
      if (own === undefined) rows.set(record.id, [spool.length]);
      else own.push(spool.length);
      spool.append([JSON.stringify(record)]);
    }
    const decoder = new TextDecoder();
    const at = (row: number): R => JSON.parse(decoder.decode(spool.read(row)[0]));
    for (const own of rows.values()) yield* joined(own.map(at), onRepeated);
  } finally {
    spool.close();
  }
}

function* joined<R extends Replies>(records: readonly R[], onRepeated: () => void): Generator<R> {
  const first = records[0]!;
  const alike: R[] = [], others: R[] = [], seen = new Set<string>();
  for (const record of records) {
    if (record !== first && headOf(record) !== headOf(first)) {
      others.push(record);
      continue;
    }
    const texts = JSON.stringify([record.model, record.responses.map(({ text }) => text)]);
    if (seen.has(texts)) onRepeated();
    else alike.push(record);
    seen.add(texts);
  }
  yield alike.length === 1 ? first : merged(alike);
  yield* others;
}

/** What records must have alike to be joined. */
function headOf(record: Replies): string {
  const { prompt, format, tools = null } = record;
  const turns = prompt.map(turnFields);
  return canonicalJson([
    turns,
    tools,
    format,
    "reward_model" in record ? record.reward_model : null,
  ]);
}

function merged<R extends Replies>(records: readonly R[]): R {
  const extra: Extra = Object.assign({}, ...records.toReversed().map((record) => record.extra));
  const models = new Set(records.map(({ model }) => model));
  const replies: PolicyReply[] = [];
  for (const { model, responses } of records) {
    for (const reply of responses) {
      replies.push({ ...reply, index: replies.length, model: reply.model ?? model });
    }
  }
  const { extra: _, ...first } = records[0]!;
  const kept = Object.keys(extra).length > 0 ? { extra } : {};
  return { ...first, model: [...models].join(", "), responses: replies, ...kept } as R;
}
