/** Prompts with their replies from runs, datasets, dumps of training runs and public scripts' files. */
import { promptId } from "../core/canonical.ts";
import { InputError } from "../core/errors.ts";
import type { Format, Message, ScoredRecord } from "../core/records.ts";
import {
  readPolicyRecords,
  readScoredRecords,
  readTeacherRecords,
} from "../io/records/read_records.ts";
import type { InputFilesOptions } from "../io/inputs/input_files.ts";
import { readRows } from "../io/rows/read_rows.ts";
import { promptOf, replyParts } from "../report/reply_parts.ts";
import { readDump } from "./dumps.ts";
import type { Explored } from "./explored.ts";
import { type Group, keptOf, madeRecord, replyOf } from "./group.ts";

/** Options of {@link readGroups}. */
export interface ReadGroupsOptions extends InputFilesOptions {
  /** The format of a public script's replies. */
  format?: Format;
  signal?: AbortSignal;
}

/** Streams the prompts of one input. Throws `InputError` naming the file, the row and the rule. */
export async function* readGroups(
  { path, kind }: Explored,
  options: ReadGroupsOptions,
): AsyncGenerator<Group> {
  switch (kind) {
    case "scored":
      for await (const record of readScoredRecords(path, options)) yield ofRecord(record);
      return;
    case "policy":
      for await (const record of readPolicyRecords(path, options)) {
        const responses = record.responses.map((reply) => ({ ...reply, score: null }));
        yield ofRecord({ ...record, responses, reward_model: "" });
      }
      return;
    case "teacher":
      for await (
        const { messages, thought, response, ...record } of readTeacherRecords(path, options)
      ) {
        const { finish_reason, usage, model, id, source } = record;
        const reply = replyOf(0, { thought, answer: response }, null);
        Object.assign(reply, { finish_reason, completion_tokens: usage.completion_tokens });
        const responses = [reply];
        yield { ...ofRecord(madeRecord({ id, source, prompt: messages, model, responses })) };
      }
      return;
    case "dump":
      yield* readDump(path, options);
      return;
    case "prompts":
    case "rl":
      throw new InputError(`${path}: prompts without replies: nothing to explore`);
    default:
      for await (const { row, where, stem } of readRows(path, options)) {
        yield { ...rowGroup(row as Fields, where, stem), datasetRow: row as Fields };
      }
  }
}

type Fields = Record<string, unknown>;

function ofRecord(record: ScoredRecord & { extra?: object }): Group {
  return { record, extra: keptOf(record.extra) };
}

/** A dataset's row: a pair, or one reply. */
function rowGroup(row: Fields, where: string, stem: string): Group {
  const asked = row.prompt ?? row.question ?? row.instruction;
  const [first, second] = [row.chosen ?? row.completion ?? row.messages, row.rejected];
  const prompt = messagesOf(asked ?? promptOf(first));
  const replies = [first, second].filter((side) => side !== undefined && side !== null);
  if (prompt.length === 0 || replies.length === 0) {
    throw new InputError(`${where}: neither a pair nor a prompt with its reply`);
  }
  const scores = [row.score_chosen ?? row.score, row.score_rejected];
  const responses = replies.map((side, index) => {
    const score = scores[index];
    return replyOf(index, replyParts(side), typeof score === "number" ? score : null);
  });
  const id = [row.id, row.prompt_id].find((id) => typeof id === "string" && id !== "") as
    | string
    | undefined;
  const source = typeof row.source === "string" ? row.source : stem;
  const record = madeRecord({ id: id ?? promptId(prompt), source, prompt, responses });
  const extra = keptOf(row.extra as object);
  if (responses.length < 2) return { record, extra };
  const [better, worse] = responses.map(({ score }) => score);
  const margin = better === null || worse === null ? NaN : better! - worse!;
  return { record, extra, pairing: { pairs: [{ chosen: 0, rejected: 1, margin }], reason: null } };
}

function messagesOf(asked: unknown): Message[] {
  const prompt = promptOf(asked);
  if (typeof prompt !== "string") return prompt;
  return prompt === "" ? [] : [{ role: "user", content: prompt }];
}
