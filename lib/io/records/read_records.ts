/** The records of earlier stages, checked line by line; the public scripts' files are read too. */
import type { z } from "zod";
import { InputError } from "../../core/errors.ts";
import {
  type Extra,
  type Format,
  PolicyRecord,
  ScoredRecord,
  TeacherRecord,
} from "../../core/records.ts";
import { KeptColumns } from "../prompts/kept_columns.ts";
import { type BadRow, isBadRow, orBadRow } from "../rows/bad_rows.ts";
import { firstFault } from "../../core/rule_words.ts";
import type { InputFilesOptions, InputPaths } from "../inputs/input_files.ts";
import { isScoredRecord } from "./is_scored_record.ts";
import { publicPolicyRecord, publicScoredRecord, publicTeacherRecord } from "./public_scripts.ts";
import { PublicIds } from "./public_ids.ts";
import { objectOf } from "../prompts/read_prompts.ts";
import { readRows, type Row } from "../rows/read_rows.ts";
import { isRewardBenchRow, rewardBenchRecord } from "./reward_bench.ts";

/** A reply has an answer exactly where no rule is named that it breaks. */
function answersAreWhole(
  record: PolicyRecord,
  context: { addIssue: (issue: { code: "custom"; message: string; path: PropertyKey[] }) => void },
): void {
  record.responses.forEach(({ answer, malformed }, index) => {
    if ((answer === null) === (malformed !== null)) return;
    const message = "must be null exactly where malformed names a rule";
    context.addIssue({ code: "custom", message, path: ["responses", index, "answer"] });
  });
}

const WellFormedPolicyRecord = PolicyRecord.superRefine(answersAreWhole);
const WellFormedScoredRecord = ScoredRecord.superRefine(answersAreWhole);

/** A record and the place that it was read from, for messages to the user. */
export type Located<R> = R & { where: string };

/** Options of the record readers. */
export interface ReadRecordsOptions extends InputFilesOptions {
  /** The reply format of a public script's file, whose rows don't say it. */
  format?: Format;
  /** Columns of the rows to carry along in `extra`, beside those that the records hold. */
  keep?: readonly string[];
  /** Counts the repairs made to a public script's replies, by name. */
  repairs?: Map<string, number>;
  /** Ends the reading. */
  signal?: AbortSignal;
  /** Is shown each chunk of the files that are read; see `readBytes`. */
  onChunk?: (path: string, chunk: Uint8Array) => void;
}

/**
 * Streams teacher records: an earlier stage's OUT, a file or a folder of them, a public script's
 * `[{id, messages, thought, response, source}]`, or rows of an SFT set that end with a reply.
 *
 * @throws {InputError} naming the file, the line, the field and the rule.
 */
export function readTeacherRecords(
  paths: InputPaths,
  options: ReadRecordsOptions = {},
): AsyncGenerator<Located<TeacherRecord>> {
  return readRecords(paths, options, TEACHER);
}

/** The same, with a row that is no teacher record in its place. Throws `InputError`. */
export function readTeacherRows(
  paths: InputPaths,
  options: ReadRecordsOptions = {},
): AsyncGenerator<Located<TeacherRecord> | BadRow> {
  return readRecordRows(paths, options, TEACHER);
}

/**
 * Streams policy records, scored or not: an earlier stage's OUT, a file or a folder of them, or a
 * public script's `[{prompt, responses}]`, whose replies are parsed by `options.format`, or
 * RewardBench 2's rows. Scores are kept where there are some, unless `options.scores` is false.
 *
 * @throws {InputError} naming the file, the line, the field and the rule.
 */
export function readPolicyRecords(
  paths: InputPaths,
  options: ReadPolicyOptions = {},
): AsyncGenerator<Located<PolicyRecord | ScoredRecord>> {
  return readRecords(paths, options, policyShape(options));
}

/**
 * The same, with a row that is no policy record in its place: what a run rejects and goes on.
 *
 * @throws {InputError} for what cannot be read at all.
 */
export function readPolicyRows(
  paths: InputPaths,
  options: ReadPolicyOptions = {},
): AsyncGenerator<Located<PolicyRecord | ScoredRecord> | BadRow> {
  return readRecordRows(paths, options, policyShape(options));
}

/** Options of the readers of policy records. */
export interface ReadPolicyOptions extends ReadRecordsOptions {
  /** Keep the scores of rows that were scored. Default: true. */
  scores?: boolean;
}

function policyShape({ scores = true }: ReadPolicyOptions) {
  return (row: Record<string, unknown>): Shape<PolicyRecord | ScoredRecord> =>
    scores && hasScores(row) ? SCORED : POLICY;
}

/** Whether a row, thinkset's own or a public script's, was scored. */
function hasScores({ responses, reward_model }: Record<string, unknown>): boolean {
  if (reward_model !== undefined) return true;
  const first: unknown = Array.isArray(responses) ? responses[0] : undefined;
  return typeof first === "object" && first !== null && "score" in first;
}

/**
 * Streams scored records: an earlier stage's OUT, a file or a folder of them, or a public script's
 * `[{prompt, responses}]` with a score on each response.
 *
 * @throws {InputError} naming the file, the line, the field and the rule.
 */
export function readScoredRecords(
  paths: InputPaths,
  options: ReadRecordsOptions = {},
): AsyncGenerator<Located<ScoredRecord>> {
  return readRecords(paths, options, SCORED);
}

/** The same, with a row that is no scored record in its place. Throws `InputError`. */
export function readScoredRows(
  paths: InputPaths,
  options: ReadRecordsOptions = {},
): AsyncGenerator<Located<ScoredRecord> | BadRow> {
  return readRecordRows(paths, options, SCORED);
}

interface Shape<R> {
  schema: z.ZodType<R>;
  /** What a row is in the place of this, and which stage's turn it is; null where that is not so. */
  mistaken?: (row: Record<string, unknown>) => string | null;
  /** A quicker yes than the schema's. */
  isSound?: (row: Record<string, unknown>) => boolean;
  /** Whether a row is thinkset's own, to be held to the schema, or a public script's. */
  isOwn: (row: Record<string, unknown>) => boolean;
  fromPublic: (
    row: Record<string, unknown>,
    at: { where: string; stem: string; ids: PublicIds } & ReadRecordsOptions,
  ) => R;
}

const TEACHER: Shape<TeacherRecord> = {
  schema: TeacherRecord,
  mistaken: (row) =>
    Array.isArray(row.responses) && row.response === undefined
      ? "replies of a policy, not a teacher's: of scored ones build-sft takes the best with --best K"
      : null,
  isOwn: (row) => row.finish_reason !== undefined && row.usage !== undefined,
  fromPublic: publicTeacherRecord,
};

/** Of rows in the place of a policy's: what a row of one reply is. */
function oneReply(row: Record<string, unknown>): string | null {
  return row.responses === undefined && row.response !== undefined
    ? "one reply, as of a teacher, not a policy's replies (responses, a list): sample-policy gives them"
    : null;
}

const POLICY: Shape<PolicyRecord> = {
  schema: WellFormedPolicyRecord,
  mistaken: oneReply,
  isOwn: (row) => row.format !== undefined,
  fromPublic: (row, at) =>
    isRewardBenchRow(row) ? rewardBenchRecord(row, at) : publicPolicyRecord(row, at),
};

const SCORED: Shape<ScoredRecord> = {
  schema: WellFormedScoredRecord,
  mistaken: (row) =>
    Array.isArray(row.responses) && !hasScores(row)
      ? "no scores (responses[0].score: is not there): score-responses gives them"
      : oneReply(row),
  isSound: isScoredRecord,
  isOwn: (row) => row.format !== undefined,
  fromPublic: publicScoredRecord,
};

/** The shape of all rows, or of each row by itself. */
type Shapes<R> = Shape<R> | ((row: Record<string, unknown>) => Shape<R>);

async function* readRecords<R extends { id: string }>(
  paths: InputPaths,
  options: ReadRecordsOptions,
  shapes: Shapes<R>,
): AsyncGenerator<Located<R>> {
  for await (const record of readRecordRows(paths, options, shapes)) {
    if (isBadRow(record)) throw new InputError(record.fault.detail);
    yield record;
  }
}

async function* readRecordRows<R extends { id: string }>(
  paths: InputPaths,
  options: ReadRecordsOptions,
  shapes: Shapes<R>,
): AsyncGenerator<Located<R> | BadRow> {
  const ids = new PublicIds(), kept = new KeptColumns(options.keep);
  for await (const located of readRows(paths, { ...options, badLines: true })) {
    yield orBadRow(located, () => {
      const row = objectOf(located);
      const shape = typeof shapes === "function" ? shapes(row) : shapes;
      const isSound = shape.isSound?.(row) ?? false;
      const mistaken = isSound ? null : shape.mistaken?.(row) ?? null;
      if (mistaken !== null) throw new InputError(`${located.where}: ${mistaken}`);
      const record = isSound
        ? row as unknown as R
        : shape.isOwn(row)
        ? checked(shape.schema, row, located)
        : shape.fromPublic(row, { ...options, ids, where: located.where, stem: located.stem });
      const extra = { ...(record as { extra?: Extra }).extra, ...kept.ofRecord(located).extra };
      const carried = Object.keys(extra).length > 0 ? { extra } : {};
      return Object.assign(record, carried, { where: located.where });
    });
  }
  kept.end(paths);
}

/** The row as the schema has it. @throws {InputError} naming the first field that breaks a rule. */
function checked<R>(schema: z.ZodType<R>, row: unknown, { where }: Row): R {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const { field, rule } = firstFault(parsed.error);
  throw new InputError(`${where}: ${field || "row"}: ${rule}`);
}
