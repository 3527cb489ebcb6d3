/** A prompt's page, its replies with what became of each, in every run that has the prompt. */
import type { ScoredReply } from "../core/records.ts";
import type { Place } from "../reply/fault_place.ts";
import type { RowMask } from "../training/row_masks.ts";
import type { Loaded } from "./load.ts";
import type { FoundRecord } from "./stored_rows.ts";

/** A text as it is sent: the beginning of one that is long, and the length of the whole. */
export interface ShownText {
  /** Which of the page's texts it is. */
  key: string;
  text: string;
  length: number;
}

/** A reply as the page shows it. */
export interface ReplyView {
  row: number;
  index: number;
  score: number | null;
  /** The score that its pairs go by, where that is another one. */
  by: number | null;
  scores?: Record<string, number | null>;
  thought: ShownText | null;
  answer: ShownText | null;
  /** Of a malformed reply: the whole text, the rule, and where it is broken. */
  malformed: { text: ShownText; rule: string; place: Place } | null;
  tokens: number;
  role: string | null;
  /** Why the reply is in no pair. */
  why: string | null;
}

/** A prompt in one run. */
export interface RunView {
  row: number;
  run: string;
  model: string;
  replies: ReplyView[];
  /** Why there is no pair; null where there is one. */
  reason: string | null;
  /** Whether a trainer's mask of its row may be asked for. */
  isTrained: boolean;
}

/** All that the page of a prompt needs. */
export interface PromptView {
  row: number;
  id: string;
  source: string;
  messages: { role: string; content: ShownText }[];
  extra: Record<string, unknown>;
  /** The run that was asked for first, then the others that have the id. */
  runs: RunView[];
}

/** Options of {@link promptView}. */
export interface ViewOptions {
  /** The key of a text that is sent whole; of each other at most the first 6,000 characters. */
  whole?: string | null;
}

const MOST_CHARACTERS = 6000;
/** A page shows so many runs at most. */
const MOST_RUNS = 6;

/** The view of a row; undefined where there is no such row. */
export async function promptView(
  { store, data }: Pick<Loaded, "store" | "data">,
  row: number,
  options: ViewOptions,
): Promise<PromptView | undefined> {
  const found = await store.record(row);
  if (found === undefined) return undefined;
  const { id } = found.record;
  const rows = (await store.rowsOf([id])).get(id) ?? [row];
  const others = rows.filter((other) => other !== row).slice(0, MOST_RUNS - 1);
  const all = [found];
  for (const other of others) all.push((await store.record(other))!);
  return viewOf(all, data.runs.map(({ name }) => name), options);
}

/** A trainer's mask of a dataset's row, or why there is none; undefined where there is no such row. */
export async function maskView(
  { store, masks }: Loaded,
  row: number,
): Promise<RowMask | string | undefined> {
  const { datasetRow } = await store.record(row) ?? {};
  if (masks === null || !datasetRow) return undefined;
  return await masks.of(JSON.parse(datasetRow));
}

/** The view of one prompt's records, the one that was asked for first. */
export function viewOf(
  all: readonly FoundRecord[],
  runNames: readonly string[],
  options: ViewOptions,
): PromptView {
  const { row, extra, record: { id, source, prompt } } = all[0]!;
  return {
    row,
    id,
    source,
    messages: prompt.map(({ role, content }, at) => (
      { role, content: shown(`turn ${at}`, content, options) }
    )),
    extra,
    runs: all.map((one) => ({
      row: one.row,
      run: runNames[one.run]!,
      model: one.record.model,
      replies: one.record.responses.map((reply, at) => replyView(one, reply, at, options)),
      reason: one.noPair,
      isTrained: one.datasetRow !== null,
    })),
  };
}

function replyView(
  { replyRows, roles, whys, by, places }: FoundRecord,
  reply: ScoredReply,
  at: number,
  options: ViewOptions,
): ReplyView {
  const { thought, answer, malformed, text } = reply;
  const row = replyRows[at]!;
  return {
    row,
    index: reply.index,
    score: reply.score,
    by: by[at] ?? null,
    scores: reply.scores,
    thought: thought === null ? null : shown(`thought ${row}`, thought, options),
    answer: answer === null ? null : shown(`answer ${row}`, answer, options),
    malformed: malformed === null ? null : {
      text: shown(`text ${row}`, text, options),
      rule: malformed,
      place: places[at] ?? { from: text.length, to: text.length },
    },
    tokens: reply.completion_tokens,
    role: roles[at] ?? null,
    why: whys[at] ?? null,
  };
}

function shown(key: string, text: string, { whole }: ViewOptions): ShownText {
  return {
    key,
    text: whole === key ? text : text.slice(0, MOST_CHARACTERS).toWellFormed(),
    length: text.length,
  };
}
