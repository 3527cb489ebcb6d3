/** The worker in which a reward of the user's own is loaded and runs: its name is the file's URL. */
import type { RewardModel, Score, ScoringItem } from "../reward_model.ts";
import { refuseScores, serveScores } from "../worker/serve_scores.ts";
import type { WorkerRequest, WorkerScore } from "../worker/messages.ts";

/** What a file may give for an item. */
type Given = number | null | Partial<Score>;

try {
  const loaded = await import((self as unknown as { name: string }).name);
  const given: unknown = loaded.default;
  const model = (typeof given === "function" ? {} : given ?? {}) as Partial<RewardModel>;
  const each = typeof given === "function" ? given as (item: unknown) => unknown : undefined;
  if (each === undefined && typeof model.score !== "function") {
    throw new TypeError("its default export must be a RewardModel, or a function of one item");
  }
  serveScores(
    async function* (request) {
      if (each) { for (const item of request.items) yield scoreOf(await each(item)); }
      else yield* await listOf(model as RewardModel, request);
    },
    { name: textOf(model.name ?? loaded.name), version: textOf(model.version ?? loaded.version) },
  );
} catch (error) {
  refuseScores(error);
}

async function listOf(model: RewardModel, { items, maxLength }: WorkerRequest) {
  const scores: unknown = await model.score(items as unknown as ScoringItem[], { maxLength });
  if (!Array.isArray(scores) || scores.length !== items.length) {
    throw new TypeError(
      `score() must give a list with one score for each of ${items.length} items`,
    );
  }
  return scores.map(scoreOf);
}

function scoreOf(given: unknown): WorkerScore {
  const { score, unread, reason } = typeof given === "object" && given !== null
    ? given as Partial<Score>
    : { score: given as Given } as Partial<Score>;
  if (typeof score !== "number" && !(score === null && typeof unread === "string")) {
    throw new TypeError(
      "a score must be a number, or {score, unread, reason}, with null for one that is unread",
    );
  }
  return { score, ...wordsOf({ unread, reason }) };
}

function wordsOf(words: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    ),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
