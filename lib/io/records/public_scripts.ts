/** Records from the files that the public scripts write, their known defects repaired and counted. */
import { InputError } from "../../core/errors.ts";
import type {
  Format,
  PolicyRecord,
  PolicyReply,
  ScoredRecord,
  TeacherRecord,
} from "../../core/records.ts";
import { type PublicReply, repairReplies, repairTeacher } from "../../reply/repair.ts";
import { nameOf } from "../prompts/name_of.ts";
import { ownReply } from "./own_reply.ts";
import { type Fields, promptOf } from "../prompts/prompt_field.ts";
import type { PublicIds } from "./public_ids.ts";
import { sourceOf } from "../prompts/read_prompts.ts";
import { toolsOf } from "../prompts/tool_fields.ts";

/** What a row does not say of itself. */
export interface PublicRowOptions {
  where: string;
  /** The source of rows that name none. */
  stem: string;
  ids: PublicIds;
  /** The format that the replies were sampled in. */
  format?: Format;
  /** Counts the repairs by name. */
  repairs?: Map<string, number>;
}

/** The model of records whose file names none. */
const UNKNOWN = "unknown";

/**
 * A teacher record from `{id, messages, thought | thinking, response, source}`, whose messages may
 * hold the dataset's own reply, which is dropped; or from a row that ends with its reply: see
 * `ownReply`.
 *
 * @throws {InputError} naming the row, the field and the rule.
 */
export function publicTeacherRecord(row: Fields, options: PublicRowOptions): TeacherRecord {
  const { where, stem, ids } = options;
  const messages = promptOf(row, where), tools = toolsOf(row, where);
  const own = ownReply(row, where);
  const { thought, answer, repairs } = repairTeacher({
    thought: own.thought,
    answer: own.response,
  });
  count(repairs, options);
  return {
    id: ids.of(row, messages, where, tools),
    source: sourceOf(row, stem, where),
    messages,
    ...(tools === undefined ? {} : { tools }),
    thought,
    response: answer,
    ...(own.tool_calls === undefined ? {} : { tool_calls: own.tool_calls }),
    model: typeof row.model === "string" ? row.model : UNKNOWN,
    finish_reason: "stop",
    usage: { prompt_tokens: 0, completion_tokens: 0, reasoning_tokens: 0 },
    ...(repairs.length > 0 ? { repairs } : {}),
  };
}

/**
 * A policy record from `{prompt | question | messages, responses}`, each response
 * `{thought | thinking, answer}`, `{response}`, `{text}` or text.
 *
 * @throws {InputError} naming the row, the field and the rule; also where no format is given.
 */
export function publicPolicyRecord(row: Fields, options: PublicRowOptions): PolicyRecord {
  const { where, stem, ids, format } = options;
  const prompt = promptOf(row, where), tools = toolsOf(row, where);
  if (!Array.isArray(row.responses)) {
    throw new InputError(`${where}: responses: must be a list, not ${nameOf(row.responses)}`);
  }
  if (format === undefined) {
    throw new InputError(`${where}: format: the rows do not say it: give --format`);
  }
  const replies = row.responses.map((response, index) =>
    publicReply(response, format, `${where}: responses[${index}]`)
  );
  return {
    id: ids.of(row, prompt, where, tools),
    source: sourceOf(row, stem, where),
    prompt,
    ...(tools === undefined ? {} : { tools }),
    format,
    model: typeof row.model === "string" ? row.model : UNKNOWN,
    responses: repairReplies(format, replies).map(({ repairs, ...reply }, index): PolicyReply => {
      count(repairs, options);
      const { text, thought, answer, malformed } = reply;
      const known = { index, text, thought, answer, malformed };
      return { ...known, finish_reason: "stop", completion_tokens: 0 };
    }),
  };
}

/**
 * A scored record: as {@link publicPolicyRecord}, with a `score` on each response. A malformed
 * reply's score is dropped.
 *
 * @throws {InputError} naming the row, the field and the rule.
 */
export function publicScoredRecord(row: Fields, options: PublicRowOptions): ScoredRecord {
  const record = publicPolicyRecord(row, options);
  const given = row.responses as unknown[];
  const responses = record.responses.map((reply, index) => {
    const score = (given[index] as Fields).score;
    if (score !== null && !Number.isFinite(score)) {
      const field = `responses[${index}].score`;
      const rule = score === undefined
        ? "is not there: score the responses first"
        : `must be a number, not ${typeof score === "number" ? score : nameOf(score)}`;
      throw new InputError(`${options.where}: ${field}: ${rule}`);
    }
    return { ...reply, score: reply.malformed === null ? score as number | null : null };
  });
  const rewardModel = typeof row.reward_model === "string" ? row.reward_model : UNKNOWN;
  return { ...record, responses, reward_model: rewardModel };
}

function publicReply(response: unknown, format: Format, where: string): PublicReply {
  if (typeof response === "string") return { text: response };
  if (typeof response !== "object" || response === null || Array.isArray(response)) {
    throw new InputError(`${where}: must be text or an object, not ${nameOf(response)}`);
  }
  const fields = response as Fields;
  const thought = textOrNull(fields.thought ?? fields.thinking, `${where}.thought`);
  if (thought !== null && thought.trim() !== "" && !format.endsWith("-think")) {
    throw new InputError(`${where}.thought: ${format} has no thought: give another --format`);
  }
  const key = ["answer", "response", "text"].find((name) => fields[name] !== undefined) ??
    "response";
  const answer = textOf(fields[key], `${where}.${key}`);
  return thought === null ? { text: answer } : { thought, answer };
}

function textOf(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw new InputError(`${where}: must be text, not ${nameOf(value)}`);
}

function textOrNull(value: unknown, where: string): string | null {
  return value === undefined || value === null ? null : textOf(value, where);
}

function count(names: readonly string[], { repairs }: PublicRowOptions): void {
  for (const name of names) repairs?.set(name, (repairs.get(name) ?? 0) + 1);
}
