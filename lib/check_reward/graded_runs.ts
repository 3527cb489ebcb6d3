/** What is known of the replies of scored runs, prompt by prompt. */
import type { z } from "zod";
import { InputError } from "../core/errors.ts";
import type { ScoredRecord, ScoredReply } from "../core/records.ts";
import type { Graded } from "../evaluate/ranking.ts";
import { numCorrect, worthBy } from "../evaluate/worth.ts";
import { readScoredRecords } from "../io/records/read_records.ts";
import type { ScoringItem } from "../model/reward_model.ts";
import { scoringItems } from "../reward/score_record.ts";
import type { CheckRewardOptions } from "./check_reward_options.ts";
import { partsOf, type RankerParts } from "./rankers.ts";
import type { BenchRow } from "./reward_bench.ts";

/** A prompt whose replies are of known worth. */
export interface PromptCheck {
  source: string;
  graded: Graded[];
  parts: RankerParts;
}

/** What runs hold. */
export interface GradedRuns {
  checked: PromptCheck[];
  /** The scored replies of each prompt; their worth is not looked at. */
  scored: Graded[][];
  /** Prompts to probe the reward on, each with an answer. */
  items: ScoringItem[];
  /** The rows of RewardBench 2 among the records, by the reward and by an answer's length. */
  bench: { reward: BenchRow[]; length: BenchRow[] };
  /** What the records call the reward. */
  names: Set<string>;
  /** Replies left out: malformed, or without a score; of these those with an answer. */
  unscored: number;
  lost: number;
  /** Prompts left out, for nothing is known of their replies. */
  unlabelled: number;
}

/** Reads scored runs. Throws `InputError` for what is none, and for labels that are none. */
export async function readGraded(
  options: z.output<typeof CheckRewardOptions>,
  signal: AbortSignal,
): Promise<GradedRuns> {
  const { labels, against, score, probes, format } = options;
  const worthOf = await worthBy(options);
  const runs: GradedRuns = {
    checked: [],
    scored: [],
    items: [],
    bench: { reward: [], length: [] },
    names: new Set(),
    unscored: 0,
    lost: 0,
    unlabelled: 0,
  };
  for (const path of options.in) {
    for await (const record of readScoredRecords(path, { format, signal })) {
      runs.names.add(record.reward_model);
      const [item] = scoringItems(record);
      if (item && runs.items.length < probes) runs.items.push(item);
      if (labels === undefined && against === undefined) {
        runs.bench.reward.push(...benchRow(record, (reply) => scoreOf(reply, score)));
        runs.bench.length.push(...benchRow(record, ({ answer }) => answer?.length ?? null));
      }
      const graded: Graded[] = [], plain: Graded[] = [];
      for (const reply of record.responses) {
        const own = scoreOf(reply, score);
        if (reply.answer === null || own === null) {
          runs.unscored++;
          if (reply.answer !== null) runs.lost++;
          continue;
        }
        const worth = worthOf(record, reply), { length } = reply.answer;
        plain.push({ score: own, worth: 0, length });
        if (worth !== null) graded.push({ score: own, worth, length });
      }
      runs.scored.push(plain);
      if (graded.length === 0) runs.unlabelled++;
      else runs.checked.push({ source: record.source, graded, parts: partsOf(graded) });
    }
  }
  return runs;
}

/** A row of RewardBench 2 again, of its scored record; nothing of any other record. */
function benchRow(
  record: ScoredRecord,
  scoreOf: (reply: ScoredReply) => number | null,
): BenchRow[] {
  const count = numCorrect(record), { id, source: subset } = record;
  if (count === undefined) return [];
  const scores = record.responses.map(scoreOf);
  return [{ id, subset, correct: scores.slice(0, count), incorrect: scores.slice(count) }];
}

function scoreOf(reply: ScoredReply, name: string): number | null {
  if (name === "score") return reply.score;
  const score = reply.scores?.[name];
  if (score !== undefined) return score;
  if (reply.answer === null) return null;
  const names = Object.keys(reply.scores ?? {}).join(", ") || "none";
  throw new InputError(`--score ${name}: the records hold the scores of ${names}`);
}
