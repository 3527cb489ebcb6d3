/** A chat model as a judge of answers: marks for each, or a tournament of all to one prompt. */
import { ModelError } from "../../core/errors.ts";
import { fencedJson } from "../../core/json_value.ts";
import type { Message } from "../../core/records.ts";
import type { ChatModel, ChatRequest } from "../chat_model.ts";
import type { RewardModel, Score, ScoringItem } from "../reward_model.ts";
import { providerSchema, question, type Rubric, verdictSchema } from "./rubric.ts";
import { isFlip, type Meeting, pairings, pointShares, pointsOf, type Said } from "./tournament.ts";

/** How a judge is asked. */
export interface JudgeOptions {
  /** What records call it. */
  name: string;
  rubric: Rubric;
  maxTokens: number;
  temperature: number;
  seed: number;
  log: (line: string) => void;
}

/** A judge's word: what it read, or why nothing could be. */
type Verdict = { reason: string; marks?: Record<string, number>; winner?: Said } | {
  unread: string;
};

/**
 * The judge `chat` as a reward model. Pointwise: the mean of the criteria's marks. Pairwise: the
 * share of points in a tournament of the replies to a prompt, two shown in both orders at each
 * meeting; where the order decides, it is a tie. What the judge says that cannot be read is no score.
 */
export function judgeReward(chat: ChatModel, options: JudgeOptions): RewardModel {
  const judge = new Judge(chat, options);
  const { rubric, maxTokens, temperature } = options;
  return {
    name: options.name,
    version: [chat.version, rubric.mode, rubric.hash, maxTokens, temperature].filter((part) =>
      part !== undefined
    ).join(" "),
    concurrency: Math.max(1, Math.floor(chat.concurrency / 8)),
    readsByTokens: false,
    score: (items, { signal }) =>
      rubric.mode === "pairwise" ? judge.tournament(items, signal) : judge.marks(items, signal),
    async close() {
      judge.tell();
      await chat.close();
    },
  };
}

/** What the chat model behind a judge is asked about the replies to one prompt, a chat a verdict. */
export function verdictRequests(
  items: readonly ScoringItem[],
  { rubric, maxTokens, temperature, seed }: Omit<JudgeOptions, "name" | "log">,
): ChatRequest[] {
  const schema = providerSchema(rubric), sampling = { maxTokens, temperature, topP: 1, seed };
  return questionsOf(rubric, items).map((messages, at) => ({
    ...{ id: `${items[0]!.id}#${at}`, messages, thinking: "none", ...sampling, attempt: 0, schema },
  }));
}

function questionsOf(rubric: Rubric, items: readonly ScoringItem[]): Message[][] {
  if (rubric.mode === "pointwise") {
    return items.map(({ prompt, answer }) => question(rubric, prompt, { answer }));
  }
  return differing(items, rubric.rounds).flatMap(([a, b]) => [[a, b], [b, a]]).map(([a, b]) =>
    question(rubric, items[a!]!.prompt, {
      answer_a: items[a!]!.answer,
      answer_b: items[b!]!.answer,
    })
  );
}

/** Who meets, but for the same text: equal answers are a tie that nobody need be paid for. */
function differing(items: readonly ScoringItem[], rounds: number): [number, number][] {
  return pairings(items.length, rounds).filter(([a, b]) => items[a]!.answer !== items[b]!.answer);
}

class Judge {
  #comparisons = 0;
  #flips = 0;
  /** Replies to a prompt's other questions are kept while one of them is tried again: paid once. */
  readonly #paid = new Map<string, Promise<Verdict>>();

  constructor(readonly chat: ChatModel, readonly options: JudgeOptions) {}

  async marks(items: readonly ScoringItem[], signal?: AbortSignal): Promise<Score[]> {
    const verdicts = await this.#askAll(items, signal);
    return verdicts.map((verdict) => {
      if ("unread" in verdict) return { score: null, truncated: false, unread: verdict.unread };
      const marks = Object.entries(verdict.marks!);
      const score = marks.reduce((sum, [, mark]) => sum + mark, 0) / marks.length;
      const words = marks.map(([name, mark]) => `${name} ${mark}`).join(", ");
      return { score, truncated: false, reason: `${words}: ${verdict.reason}` };
    });
  }

  async tournament(items: readonly ScoringItem[], signal?: AbortSignal): Promise<Score[]> {
    const { rounds } = this.options.rubric, pairs = differing(items, rounds);
    const verdicts = await this.#askAll(items, signal);
    const meetings: Meeting[] = pairs.map(([first, second], at) => ({
      first,
      second,
      forth: saidIn(verdicts[2 * at]!),
      back: saidIn(verdicts[2 * at + 1]!),
    }));
    this.#comparisons += meetings.filter((meeting) => pointsOf(meeting) !== null).length;
    this.#flips += meetings.filter(isFlip).length;
    const equal = pairings(items.length, rounds)
      .filter(([a, b]) => items[a]!.answer === items[b]!.answer)
      .map(([first, second]): Meeting => ({ first, second, forth: "tie", back: "tie" }));
    const scores = pointShares(items.length, [...meetings, ...equal]);
    return items.map((_, own) => {
      if (scores[own] === null || items.length < 2) {
        const why = items.length < 2 ? "there is nothing to compare with" : unreadWords(verdicts);
        return { score: null, truncated: false, unread: why };
      }
      const reason = meetings.flatMap((meeting, at) =>
        meeting.first === own || meeting.second === own
          ? [meetingWords(own, meeting, verdicts[2 * at]!)]
          : []
      ).join("\n");
      return { score: scores[own]!, truncated: false, ...(reason === "" ? {} : { reason }) };
    });
  }

  /** How often the order decided, once a run is over. */
  tell(): void {
    if (this.#comparisons === 0) return;
    const share = Math.round(100 * this.#flips / this.#comparisons);
    this.options.log(
      `${this.options.name}: ${this.#flips} of ${this.#comparisons} comparisons went by the order ` +
        `of the answers (${share}%): ties`,
    );
  }

  async #askAll(items: readonly ScoringItem[], signal?: AbortSignal): Promise<Verdict[]> {
    const requests = verdictRequests(items, this.options);
    const keys = requests.map(({ id, messages }) => `${id}#${messages[0]!.content}`);
    const calls = requests.map((request, at) => {
      const known = this.#paid.get(keys[at]!);
      if (known) return known;
      const call = this.#ask({ ...request, ...(signal ? { signal } : {}) });
      this.#paid.set(keys[at]!, call);
      call.catch(() => this.#paid.delete(keys[at]!));
      return call;
    });
    // All end before a failure is told: what is under way is paid for, and kept for the next try.
    const ended = await Promise.allSettled(calls);
    const failed = ended.find((each) => each.status === "rejected");
    if (failed) throw failed.reason;
    for (const key of keys) this.#paid.delete(key);
    return await Promise.all(calls);
  }

  async #ask(request: ChatRequest): Promise<Verdict> {
    try {
      const { text, finishReason } = await this.chat.reply(request);
      const read = verdictSchema(this.options.rubric).safeParse(fencedJson(text));
      if (read.success) return read.data as Verdict;
      return {
        unread: finishReason === "length" ? "the verdict was cut" : "the verdict is no such JSON",
      };
    } catch (error) {
      // A judge that refuses one answer says nothing of it; the others are judged.
      if (error instanceof ModelError && error.kind === "reject") return { unread: error.message };
      throw error;
    }
  }
}

function saidIn(verdict: Verdict): Said {
  return "unread" in verdict ? null : verdict.winner ?? null;
}

function unreadWords(verdicts: readonly Verdict[]): string {
  const first = verdicts.find((verdict) => "unread" in verdict);
  return first && "unread" in first ? first.unread : "no comparison could be read";
}

function meetingWords(own: number, meeting: Meeting, forth: Verdict): string {
  const other = meeting.first === own ? meeting.second : meeting.first;
  const points = pointsOf(meeting);
  if (points === null) return `with ${other}: unread`;
  const got = meeting.first === own ? points : 1 - points;
  const word = isFlip(meeting) ? "tie by order" : got > 0.5 ? "won" : got < 0.5 ? "lost" : "tie";
  const reason = "reason" in forth && !isFlip(meeting) ? ` (${forth.reason})` : "";
  return `with ${other}: ${word}${reason}`;
}
