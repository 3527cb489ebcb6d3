/**
 * Records as Polars frames, for looking at them in notebooks.
 *
 * Every column is made as a series of a type that is said, so that one which is null at first, or
 * throughout, or has no rows, keeps its type: the binding infers types from the first 100 rows, and
 * turns nested rows to nulls.
 */
import pl from "nodejs-polars";
import type { DataFrame } from "../core/frame.ts";
import { ExtraColumns } from "../io/write/extra_columns.ts";
import type {
  Extra,
  Message,
  PolicyRecord,
  Prompt,
  ScoredRecord,
  ScoredReply,
  TeacherRecord,
} from "../core/records.ts";
import { marginOf, type PairRow, textOfMessages } from "./messages.ts";

/** Items that are there, or come one by one. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

type Cell = string | number | boolean | null | undefined;
type Kind = "text" | "integer" | "number";

/** Columns of one kind, by their names. */
const of = <K extends Kind>(kind: K) => <N extends string>(...names: N[]) =>
  Object.fromEntries(names.map((name) => [name, kind])) as Record<N, K>;
export const text = of("text"), integer = of("integer"), number = of("number");

/**
 * Prompts: `id`, `source`, `turns`, `prompt` (the conversation as text), and the columns that were
 * kept, as in all of these frames.
 */
export async function promptsFrame(prompts: Items<Prompt>): Promise<DataFrame> {
  const kinds = {
    ...text("id", "source"),
    ...integer("turns"),
    ...text("prompt"),
  };
  return await frameOf(prompts, kinds, function* ({ id, source, messages, extra }) {
    yield { id, source, turns: messages.length, prompt: textOfMessages(messages), extra };
  });
}

/** Teacher records: a row each, with the prompt as text and the tokens that the reply cost. */
export async function teacherFrame(records: Items<TeacherRecord>): Promise<DataFrame> {
  const kinds = {
    ...text("id", "source", "prompt", "thought", "response", "model", "finish_reason"),
    ...integer("prompt_tokens", "completion_tokens", "reasoning_tokens"),
  };
  return await frameOf(records, kinds, function* ({ messages, usage, ...record }) {
    yield { ...record, ...usage, prompt: textOfMessages(messages) };
  });
}

/**
 * Policy or scored records: a row a reply, with its prompt's id and source, the model that wrote it,
 * and the lengths of both parts in characters. `score` is null where a reply was not scored; scores
 * of several reward models stand in `score_NAME`.
 */
export async function repliesFrame(
  records: Items<PolicyRecord | ScoredRecord>,
): Promise<DataFrame> {
  const kinds = {
    ...text("id", "source"),
    ...integer("index"),
    ...text("text", "thought", "answer", "malformed", "finish_reason"),
    ...integer("completion_tokens"),
    ...number("score"),
    ...text("model"),
    ...integer("thought_characters", "answer_characters"),
  };
  return await frameOf(records, kinds, function* ({ id, source, responses, model, extra }) {
    for (const { scores = {}, ...reply } of responses as Partial<ScoredReply>[]) {
      const byModel = Object.entries(scores).map(([name, score]) => [`score_${name}`, score]);
      yield {
        id,
        source,
        model,
        thought_characters: reply.thought?.length,
        answer_characters: reply.answer?.length,
        ...reply,
        extra: { ...Object.fromEntries(byModel), ...extra },
      };
    }
  });
}

/** Pairs: a row each, texts alone, with `margin` and the lengths of both sides in characters. */
export async function pairsFrame(pairs: Items<PairRow>): Promise<DataFrame> {
  const kinds = {
    ...text("id", "source", "prompt", "chosen", "rejected"),
    ...number("score_chosen", "score_rejected", "margin"),
    ...integer("chosen_characters", "rejected_characters"),
  };
  return await frameOf(pairs, kinds, function* ({ extra, ...pair }) {
    const chosen = textOfMessages(pair.chosen), rejected = textOfMessages(pair.rejected);
    yield {
      ...pair,
      prompt: textOfMessages(pair.prompt),
      chosen,
      rejected,
      margin: marginOf(pair),
      chosen_characters: chosen.length,
      rejected_characters: rejected.length,
      extra,
    };
  });
}

/** A row of an SFT or RL dataset. */
export interface TurnsRow {
  /** The prompt's id. */
  id?: string | null;
  /** Where the prompt comes from. */
  source?: string | null;
  /** A chat that may end with the reply. */
  messages?: Message[];
  /** The prompt. */
  prompt?: string | Message[];
  /** The reply. */
  completion?: string | Message[];
  /** Columns of the row that were kept. */
  extra?: Extra;
}

/** Rows of SFT or RL data: the prompt and the assistant's turn as text, null where there is none. */
export async function turnsFrame(rows: Items<TurnsRow>): Promise<DataFrame> {
  const kinds = {
    ...text("id", "source", "prompt", "reply"),
    ...integer("reply_characters"),
  };
  return await frameOf(
    rows,
    kinds,
    function* ({ id, source, messages, prompt, completion, extra }) {
      const chat = messages ?? [];
      const ends = chat.at(-1)?.role === "assistant" ? 1 : 0;
      const asked = prompt ?? chat.slice(0, chat.length - ends);
      const answered = completion ?? chat.slice(chat.length - ends);
      const reply = answered.length === 0 ? null : textOfMessages(answered);
      const length = reply === null ? null : reply.length;
      yield { id, source, prompt: textOfMessages(asked), reply, reply_characters: length, extra };
    },
  );
}

/** A frame of columns of given kinds, a row for each that an item gives. */
export async function frameOf<T, K extends Record<string, Kind>>(
  items: Items<T>,
  kinds: K,
  rowsOf: (item: T) => Iterable<{ [name in keyof K]?: Cell } & { extra?: Extra }>,
): Promise<DataFrame> {
  const names = Object.keys(kinds) as (keyof K & string)[];
  const columns = names.map((): Cell[] => []);
  const extras: (Extra | undefined)[] = [], types = new ExtraColumns();
  for await (const item of items) {
    for (const row of rowsOf(item)) {
      names.forEach((name, index) => columns[index]!.push(row[name] ?? null));
      extras.push(row.extra);
      types.add(row.extra);
    }
  }
  const own = names.map((name, index) => series(name, kinds[name]!, columns[index]!));
  return pl.DataFrame([...own, ...keptSeries(extras, types, names)]);
}

/** The columns that were kept; lists and structs as JSON text. */
function keptSeries(
  extras: readonly (Extra | undefined)[],
  types: ExtraColumns,
  taken: readonly string[],
) {
  const columns = Object.entries(types.columns(taken));
  const rows = extras.map((extra) => types.valuesOf(extra));
  return columns.map(([name, type]) => {
    const values = rows.map((row) => row[name] ?? null);
    if (type === "bool") return pl.Series(name, values as (boolean | null)[], pl.Bool);
    if (type === "int64") return series(name, "integer", values as Cell[]);
    if (type === "float64") return series(name, "number", values as Cell[]);
    const text = type === "string"
      ? values
      : values.map((value) => value === null ? null : JSON.stringify(value));
    return series(name, "text", text as Cell[]);
  });
}

/** Integers go by way of floats: the binding makes a null of an integer series a zero. */
function series(name: string, kind: Kind, values: Cell[]) {
  if (kind === "text") return pl.Series(name, values as (string | null)[], pl.Utf8);
  const numbers = pl.Series(name, values as (number | null)[], pl.Float64);
  return kind === "number" ? numbers : numbers.cast(pl.Int64);
}
