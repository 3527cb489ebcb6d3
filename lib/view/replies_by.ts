/** Replies by the value of a column: what a table tells of each source, category or model. */
import type { PolicyRecord, ScoredRecord, ScoredReply } from "../core/records.ts";
import { type Interval, mean, pairedInterval } from "./statistics.ts";

/** What is known of the prompts that have one value in a column. */
export interface RepliesGroup {
  /** The value of the column. */
  value: string;
  /** Records with it. */
  prompts: number;
  /** Their replies. */
  replies: number;
  /** Of those, the ones that break their format. */
  malformed: number;
  /** The mean over prompts of their replies' mean score; NaN where nothing was scored. */
  reward: number;
  /** Its 95% interval, by prompt. */
  interval: Interval;
  /** The mean over prompts of their best reply's score. */
  best: number;
}

/** A column with more values than this tells of single prompts, not of groups. */
const MOST_VALUES = 50;
/** What stands for prompts whose row lacks the column. */
const NO_VALUE = "(none)";

interface Sums extends Pick<RepliesGroup, "prompts" | "replies" | "malformed"> {
  means: number[];
  best: number[];
}

/** Takes records one by one; a few numbers a prompt and column. */
export class RepliesBy {
  readonly #columns = new Map<string, Map<string, Sums> | "too many">();

  /** Counts a record. */
  add(record: PolicyRecord | ScoredRecord): void {
    this.#add("source", record.source, record.responses);
    for (const [column, value] of Object.entries(record.extra ?? {})) {
      if (typeof value === "object" && value !== null) continue;
      this.#add(column, value === null ? NO_VALUE : String(value), record.responses);
    }
    const models = Map.groupBy(record.responses, ({ model }) => model);
    if (models.size < 2) return;
    for (const [model, replies] of models) this.#add("model", model ?? record.model, replies);
  }

  /** The columns that group prompts: those of two values or more, and not of too many. */
  result(): { column: string; groups: RepliesGroup[] }[] {
    return [...this.#columns].flatMap(([column, values]) => {
      if (values === "too many" || values.size < 2) return [];
      const groups = [...values].map(([value, sums]) => groupOf(value, sums));
      return [{ column, groups: groups.sort((a, b) => b.prompts - a.prompts) }];
    });
  }

  #add(column: string, value: string, replies: readonly Partial<ScoredReply>[]): void {
    let values = this.#columns.get(column);
    if (values === undefined) this.#columns.set(column, values = new Map());
    if (values === "too many") return;
    let sums = values.get(value);
    if (sums === undefined) {
      if (values.size === MOST_VALUES) return void this.#columns.set(column, "too many");
      values.set(value, sums = { prompts: 0, replies: 0, malformed: 0, means: [], best: [] });
    }
    sums.prompts++;
    sums.replies += replies.length;
    sums.malformed += replies.filter(({ malformed }) => malformed !== null).length;
    const scores = replies.map(({ score }) => score).filter((score) => typeof score === "number");
    if (scores.length === 0) return;
    sums.means.push(mean(scores));
    sums.best.push(Math.max(...scores));
  }
}

function groupOf(value: string, { prompts, replies, malformed, means, best }: Sums): RepliesGroup {
  const interval = pairedInterval(means);
  return { value, prompts, replies, malformed, reward: mean(means), interval, best: mean(best) };
}
