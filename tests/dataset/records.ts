/** Records as earlier stages leave them, for the builders' tests. */
import type { Format, ScoredRecord, ScoredReply, TeacherRecord } from "../../lib/core/records.ts";
import { Answer } from "../../lib/core/records.ts";
import { inFolder as runInFolder } from "../cli.ts";

/** A teacher's record; `fields` win. */
export function teacherRecord(id: string, fields: Partial<TeacherRecord> = {}): TeacherRecord {
  return {
    id,
    source: "made",
    messages: [{ role: "user", content: `What is ${id}?` }],
    thought: `I think of ${id}.`,
    response: `It is ${id}.`,
    model: "teacher",
    finish_reason: "stop",
    usage: { prompt_tokens: 1, completion_tokens: 2, reasoning_tokens: 0 },
    ...fields,
  };
}

/** A scored record with a reply for each score; a null score is a malformed reply. */
export function scoredRecord(
  id: string,
  scores: readonly (number | null)[],
  fields: Partial<ScoredRecord> = {},
  format: Format = "chat-think",
): ScoredRecord {
  const responses = scores.map((score, index): ScoredReply => ({
    index,
    text: `reply ${index}`,
    thought: score === null || !format.endsWith("-think") ? null : `Thought ${index} of ${id}.`,
    answer: score === null ? null : Answer.parse(`Answer ${index} to ${id}.`),
    malformed: score === null ? "missing_tag" : null,
    finish_reason: "stop",
    completion_tokens: 3,
    score,
  }));
  return {
    id,
    source: "made",
    prompt: [{ role: "user", content: `What is ${id}?` }],
    format,
    model: "policy",
    responses,
    reward_model: "judge",
    ...fields,
  };
}

/** Writes values as JSON Lines; gives the path. */
export async function writeLines(path: string, values: readonly unknown[]): Promise<string> {
  await Deno.writeTextFile(path, values.map((value) => JSON.stringify(value) + "\n").join(""));
  return path;
}

/** Runs a test in a folder of its own, which is removed after it. */
export function inFolder(test: (folder: string) => Promise<void>): () => Promise<void> {
  return () => runInFolder(test);
}

/** Surroundings that say nothing. */
export const quiet = { log: () => {} };

/** The rejects of a dataset, as `id: reason`. */
export async function rejectsOf(out: string): Promise<string[]> {
  const text = await Deno.readTextFile(`${out}/rejects.jsonl`);
  return text.split("\n").filter(Boolean).map((line) => {
    const { id, reason } = JSON.parse(line);
    return `${id}: ${reason}`;
  });
}
