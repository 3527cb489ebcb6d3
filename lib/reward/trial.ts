/** A reward is held against labels before it may score the rest. */
import { percent } from "../core/percent.ts";
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { InputError, RunError } from "../core/errors.ts";
import { makeFolder } from "../core/make_folder.ts";
import type { PolicyRecord, ScoredRecord, ScoredReply } from "../core/records.ts";
import { rankedPairs } from "../evaluate/ranking.ts";
import { worthBy, type WorthOf, type WorthOptions } from "../evaluate/worth.ts";
import { type BadRow, isBadRow } from "../io/rows/bad_rows.ts";
import { readScoredRecords } from "../io/records/read_records.ts";
import { writeOwnReport } from "../report/own_report.ts";
import { runStage } from "../run/run_stage.ts";
import type { StageRun } from "../run/stage_run.ts";
import { bootstrap } from "../view/bootstrap.ts";

/** What a run to be scored reads. */
type Row = PolicyRecord & { where?: string };

/** What a trial goes by. */
export interface TrialOptions extends Omit<WorthOptions, "labelKey"> {
  floor: number;
  /** Prompts to try the reward on, at most. */
  trial: number;
  labelKey?: string;
  seed: number;
}

/** Where the column of right answers has no other name. */
const LABEL_KEY = "expected";

/**
 * Scores the first prompts with a right and a wrong answer as a run of its own in OUT/trial, tells
 * the share of pairs that come out right, and gives the records: they are not paid for again. Run
 * again, a trial that is done costs nothing.
 *
 * @param of the score that is tried, of each reply.
 * @throws {InputError} where no prompt has both kinds of answers by the labels, and {RunError} where
 * the share is below the floor.
 */
export async function heldToFloor(
  { floor, trial, labelKey = LABEL_KEY, seed, ...options }: TrialOptions,
  run: StageRun<Row, ScoredRecord>,
  of: (reply: ScoredReply) => number | null,
  context: StageContext,
): Promise<ScoredRecord[]> {
  if (run.shard.count > 1) {
    throw new InputError(
      "--floor: not with --shard: try the reward once, with --limit and check-reward --floor",
    );
  }
  const worthOf = await worthBy({ ...options, labelKey });
  // Inputs of several paths are pooled in files there.
  makeFolder(run.out, context.disk);
  const ids = await triedIds(run, worthOf, trial);
  if (ids.size === 0) {
    throw new InputError(
      `--floor: no prompt has a right and a wrong answer by its label: give --labels PATH, or ` +
        `--label-key COLUMN of a kept column (${labelKey} is looked for)`,
    );
  }
  context.log(`trial: ${ids.size} labelled prompts are scored first, in ${join(run.out, "trial")}`);
  const { out, worked } = await runStage<Row, ScoredRecord>({
    ...run,
    out: join(run.out, "trial"),
    folder: undefined,
    limit: undefined,
    read: () => only(run.read(), ids),
  }, context);
  await writeOwnReport(out, "scored", worked > 0, context);
  const records: ScoredRecord[] = [];
  for await (const { where: _, ...record } of readScoredRecords(out, { signal: context.signal })) {
    records.push(record);
  }
  const parts = records.map((record) =>
    rankedPairs(record.responses.flatMap((reply) => {
      const worth = worthOf(record, reply), score = of(reply);
      return worth === null || score === null ? [] : [{ score, worth, length: 0 }];
    }))
  );
  const { value, low, high } = bootstrap(parts, { seed });
  const pairs = parts.reduce((sum, { all }) => sum + all, 0);
  const replies = records.flatMap(({ responses }) => responses);
  const unread = replies.filter((reply) => reply.answer !== null && of(reply) === null).length;
  const said =
    (pairs === 0
      ? `trial: no score of use on ${ids.size} prompts`
      : `trial: ${percent(value)} of ${pairs} pairs ranked right` +
        (Number.isNaN(low) ? "" : ` [${percent(low)}, ${percent(high)}]`)) +
    (unread > 0 ? `, ${unread} of ${replies.length} answers unread` : "");
  if (value >= floor) {
    context.log(said);
    return records;
  }
  throw new RunError(
    `${said}, below --floor ${floor}: nothing more is scored; what was is in ${out}`,
  );
}

/** The first prompts whose replies are of different worth, as far as the run goes. */
async function triedIds(
  { read, limit = Infinity }: StageRun<Row, ScoredRecord>,
  worthOf: WorthOf,
  most: number,
): Promise<Set<string>> {
  const ids = new Set<string>();
  let rows = 0;
  for await (const row of read()) {
    if (ids.size === most || rows++ === limit) break;
    if (isBadRow(row)) continue;
    const worths = new Set(row.responses.map((reply) => worthOf(row, reply)));
    worths.delete(null);
    if (worths.size > 1) ids.add(row.id);
  }
  return ids;
}

async function* only(
  rows: AsyncIterable<Row | BadRow>,
  ids: ReadonlySet<string>,
): AsyncGenerator<Row> {
  for await (const row of rows) if (!isBadRow(row) && ids.has(row.id)) yield row;
}
