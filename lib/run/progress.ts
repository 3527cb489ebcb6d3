/** How far a run is, for people: a live line on a terminal, a plain line a while elsewhere. */
import type { ProgressSnapshot, StageContext } from "../core/context.ts";
import type { Counts } from "../core/manifest.ts";
import { byCount, malformedLine, malformedOf } from "./quality.ts";
import { StatusLine } from "./status_line.ts";

const RATE_WINDOW_MS = 30_000;
/** No wait of our own is longer. */
const LONG_WAIT_MS = 60_000;

/** Counts a run and shows it as the context asks. */
export class Progress {
  readonly #context: StageContext;
  readonly #line: StatusLine;
  readonly #state: ProgressSnapshot;
  #marks: { at: number; done: number }[];
  #done = 0;
  #toldOfWaitAt = -Infinity;
  #extra: Record<string, number> = {};

  /** Counts on from where an earlier process stopped; what is known so far is shown at once. */
  constructor(
    context: StageContext,
    stage: string,
    { input: total, kept, rejected, ...by }: Counts,
  ) {
    this.#context = context;
    this.#line = new StatusLine(context);
    this.#state = {
      stage,
      total,
      kept,
      rejected,
      rejectedByReason: { ...by.rejected_by_reason },
      failed: 0,
      rate: 0,
      etaSeconds: null,
      tokens: 0,
      retries: 0,
    };
    this.#marks = [];
    if (this.#line.isLive || context.onProgress) this.#show(context.monotonic());
    else this.#marks.push({ at: context.monotonic(), done: 0 });
  }

  /** Counts a record with the tokens that it took; `extra` is the tally of this process. */
  keep(tokens: number, extra: Record<string, number>): void {
    this.#state.tokens += tokens;
    this.#extra = extra;
    this.#count("kept");
  }

  reject(reason: string): void {
    const reasons = this.#state.rejectedByReason!;
    reasons[reason] = (reasons[reason] ?? 0) + 1;
    this.#count("rejected");
  }

  fail(): void {
    this.#count("failed");
  }

  /** Counts another attempt; a wait of a minute and more, which a server asked for, is told. */
  retry(error: Error, waitMs: number): void {
    this.#state.retries++;
    const now = this.#context.monotonic();
    if (waitMs > LONG_WAIT_MS && now >= this.#toldOfWaitAt + LONG_WAIT_MS) {
      this.#toldOfWaitAt = now;
      const { stage } = this.#state;
      this.#context.log(`${stage}: asked to wait for ${duration(waitMs / 1000)}: ${error.message}`);
    }
    this.#showInTime();
  }

  #count(what: "kept" | "rejected" | "failed"): void {
    this.#state[what]++;
    this.#done++;
    this.#showInTime();
  }

  #showInTime(): void {
    const now = this.#context.monotonic();
    if (this.#line.isDue(now, this.#context.onProgress !== undefined)) this.#show(now);
  }

  /** Shows the last state; a live line is ended. */
  end(): void {
    this.#show(this.#context.monotonic());
    this.#line.leave();
  }

  #show(now: number): void {
    const state = this.#state;
    const { replies, byRule } = malformedOf(this.#extra);
    Object.assign(state, { replies, malformedByRule: byRule });
    this.#marks.push({ at: now, done: this.#done });
    while (this.#marks.length > 2 && now - this.#marks[0]!.at > RATE_WINDOW_MS) this.#marks.shift();
    const first = this.#marks[0]!;
    const seconds = (now - first.at) / 1000;
    state.rate = seconds > 0 ? (this.#done - first.done) / seconds : 0;
    const left = state.total - state.kept - state.rejected - state.failed;
    state.etaSeconds = state.rate > 0 ? left / state.rate : null;
    this.#context.onProgress?.({ ...state });
    this.#line.show(progressLine(state), now);
  }
}

/** A snapshot as one line. */
export function progressLine(state: ProgressSnapshot): string {
  const { replies = 0, malformedByRule: byRule = {}, rejectedByReason = {} } = state;
  const why = byCount(rejectedByReason);
  const parts = [
    `${state.stage}: ${state.kept + state.rejected} of ${state.total}`,
    `${state.kept} kept`,
    `${state.rejected} rejected${why && ` (${why})`}`,
  ];
  const malformed = Object.values(byRule).reduce((sum, count) => sum + count, 0);
  const malformedPart = malformedLine({ replies, malformed, byRule });
  if (malformedPart) parts.push(malformedPart);
  if (state.failed) parts.push(`${state.failed} failed`);
  if (state.retries) parts.push(`${state.retries} retries`);
  if (state.tokens) parts.push(`${short(state.tokens)} tokens`);
  if (state.rate > 0) parts.push(`${short(state.rate)}/s`);
  if (state.etaSeconds !== null && state.etaSeconds > 0) {
    parts.push(`${duration(state.etaSeconds)} left`);
  }
  return parts.join(" · ");
}

/** A number in few characters: `12k`, `1.5M`. */
export function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)}k`;
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2)));
}

/** Seconds in words: `14 s`, `3 min`, `1.5 h`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
