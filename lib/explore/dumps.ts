/**
 * Completions that trainers write while they train: TRL's `completions/*.parquet` (`log_completions`:
 * step, prompt, completion, a column a reward function, advantage) and verl's `rollout_data_dir`
 * (`STEP.jsonl`: input, output, score, step, and what the reward function returned beside).
 */
import { promptId } from "../core/canonical.ts";
import type { Message, ScoredReply } from "../core/records.ts";
import type { InputFilesOptions } from "../io/inputs/input_files.ts";
import { readRows } from "../io/rows/read_rows.ts";
import { promptOf, replyParts } from "../report/reply_parts.ts";
import { type Group, type Kept, keptOf, madeRecord, replyOf } from "./group.ts";

type Fields = Record<string, unknown>;

/** Whether a row is one completion of a trainer's dump. */
export function isDumpRow(row: Fields): boolean {
  const trl = "prompt" in row && "completion" in row && "step" in row;
  const verl = "input" in row && "output" in row && "score" in row;
  return trl || verl;
}

/** Streams a dump's prompts: the completions of one prompt at one step are its replies. */
export async function* readDump(
  path: string,
  options: InputFilesOptions & { signal?: AbortSignal },
): AsyncGenerator<Group> {
  let step: unknown;
  let waiting = new Map<string, Fields[]>();
  for await (
    const { row, stem } of readRows(path, options)
  ) {
    const fields = row as Fields;
    // A step's rows stand together; within it a prompt's may not.
    if (fields.step !== step) {
      for (const rows of waiting.values()) yield groupOf(rows, stem);
      waiting = new Map();
      step = fields.step;
    }
    const prompt = JSON.stringify(fields.prompt ?? fields.input);
    const rows = waiting.get(prompt);
    if (rows === undefined) waiting.set(prompt, [fields]);
    else rows.push(fields);
  }
  for (const rows of waiting.values()) yield groupOf(rows, path.replace(/.*\//, ""));
}

const KNOWN = new Set(["prompt", "completion", "input", "output", "step", "advantage", "score"]);

function groupOf(rows: readonly Fields[], stem: string): Group {
  const first = rows[0]!;
  const asked = promptOf(first.prompt ?? first.input);
  const prompt: Message[] = typeof asked === "string" ? [{ role: "user", content: asked }] : asked;
  const verl = "output" in first;
  const functions = verl ? [] : rewardNames(first);
  const responses = rows.map((row, index): ScoredReply => {
    const parts = replyParts(row.completion ?? row.output);
    const scores = Object.fromEntries(functions.map((name) => [name, numberOf(row[name])]));
    const reply = replyOf(index, parts, verl ? numberOf(row.score) : sumOf(scores));
    return functions.length > 1 ? { ...reply, scores } : reply;
  });
  const step = numberOf(first.step);
  const extra: Record<string, Kept> = step === null ? {} : { step };
  if (verl) Object.assign(extra, keptOf(commonOf(rows)));
  const id = `${step ?? 0}-${promptId(prompt)}`;
  const rewardModel = functions.join(" + ") || "score";
  return {
    record: madeRecord({ id, source: stem, prompt, responses, reward_model: rewardModel }),
    extra,
  };
}

/** The columns of numbers that TRL's reward functions gave their names. */
function rewardNames(row: Fields): string[] {
  return Object.keys(row).filter((name) => !KNOWN.has(name) && numberOf(row[name]) !== null);
}

/** What all rows of a prompt have in common, such as the data's source. */
function commonOf(rows: readonly Fields[]): Fields {
  return Object.fromEntries(
    Object.entries(rows[0]!).filter(([name, value]) =>
      !KNOWN.has(name) && rows.every((row) => row[name] === value)
    ),
  );
}

/** TRL adds its functions' rewards, each by a weight that the dump does not hold: 1 here. */
function sumOf(scores: Record<string, number | null>): number | null {
  const known = Object.values(scores).filter((score) => score !== null);
  return known.length === 0 ? null : known.reduce((sum, score) => sum + score, 0);
}

function numberOf(value: unknown): number | null {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
