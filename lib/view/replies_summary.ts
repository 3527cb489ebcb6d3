/** The numbers of many policy or scored records, kept without their texts. */
import type { PolicyRecord, ScoredRecord, ScoredReply } from "../core/records.ts";
import type { Items } from "./frames.ts";

/** Lists of numbers over replies and over prompts. */
export interface RepliesSummary {
  /** Records. */
  prompts: number;
  /** Replies of all records. */
  replies: number;
  /** Replies that break their format. */
  malformedReplies: number;
  /** Those by the rule that they break. */
  malformed: Record<string, number>;
  /** Replies by why they ended. */
  finishReasons: Record<string, number>;
  /** Completion tokens of every reply. */
  tokens: number[];
  /** Characters of the well-formed replies' thoughts; empty where the format has none. */
  thoughtLengths: number[];
  /** Scores of the scored replies, and beside each the characters of its answer. */
  scores: number[];
  /** Characters of well-formed answers, in the order of `scores`. */
  answerLengths: number[];
  /** Characters of the thoughts of well-formed replies, in the order of `scores`; 0 for none. */
  scoredThoughts: number[];
  /** Scores by prompt, for the prompts with a score. */
  scoresByPrompt: number[][];
  /** By prompt with two well-formed replies or more: how many different answers are among them, as a share. */
  distinctAnswers: number[];
}

/** Takes records one by one; its lists grow by a few numbers a reply. */
export class RepliesSummarizer implements RepliesSummary {
  prompts = 0;
  replies = 0;
  malformedReplies = 0;
  malformed: Record<string, number> = {};
  finishReasons: Record<string, number> = {};
  tokens: number[] = [];
  thoughtLengths: number[] = [];
  scores: number[] = [];
  answerLengths: number[] = [];
  scoredThoughts: number[] = [];
  scoresByPrompt: number[][] = [];
  distinctAnswers: number[] = [];

  add(record: PolicyRecord | ScoredRecord): void {
    this.prompts++;
    const answers = new Set<string>(), scores: number[] = [];
    let wellFormed = 0;
    for (
      const reply of record.responses as (Omit<ScoredReply, "score"> & { score?: number | null })[]
    ) {
      this.replies++;
      this.tokens.push(reply.completion_tokens);
      increase(this.finishReasons, reply.finish_reason);
      if (reply.answer === null) {
        this.malformedReplies++;
        increase(this.malformed, reply.malformed ?? "unknown");
        continue;
      }
      wellFormed++;
      answers.add(reply.answer);
      if (reply.thought !== null) this.thoughtLengths.push(reply.thought.length);
      if (typeof reply.score !== "number") continue;
      scores.push(reply.score);
      this.scores.push(reply.score);
      this.answerLengths.push(reply.answer.length);
      this.scoredThoughts.push(reply.thought?.length ?? 0);
    }
    // A list that grew has room for 16 more; a copy has none.
    if (scores.length > 0) this.scoresByPrompt.push(scores.slice());
    if (wellFormed > 1) this.distinctAnswers.push(answers.size / wellFormed);
  }
}

/** Summarizes records that are there or come one by one. */
export async function summarizeReplies(
  records: Items<PolicyRecord | ScoredRecord>,
): Promise<RepliesSummary> {
  const summarizer = new RepliesSummarizer();
  for await (const record of records) summarizer.add(record);
  return summarizer;
}

/** The best and the worst score of each prompt, and how far they lie apart. */
export function extremes(
  scoresByPrompt: readonly (readonly number[])[],
): { best: number[]; worst: number[]; spread: number[] } {
  const best = scoresByPrompt.map((scores) => scores.reduce((a, b) => Math.max(a, b)));
  const worst = scoresByPrompt.map((scores) => scores.reduce((a, b) => Math.min(a, b)));
  return { best, worst, spread: best.map((score, index) => score - worst[index]!) };
}

/** Counts a name once more. */
export function increase(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
