/** A request on its way through the engine, and its replies as they grow. */
import { type Random, randomFor } from "../../core/random.ts";
import { ModelError } from "../../core/errors.ts";
import type { Completion, CompletionRequest } from "../text_model.ts";
import type { Prefill, Sequence } from "./causal_model.ts";
import { encodeAtMost } from "./encode_at_most.ts";
import { ReplyText, StopFinder } from "./reply_text.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Replies are reckoned at so many tokens at most: few use a high limit up. */
const RECKONED_TOKENS = 1024;

/** What a job needs to know of its model. */
export interface JobModel {
  tokenizer: Tokenizer;
  eosIds: ReadonlySet<number>;
  maxPositions: number;
}

/** What ends a reply. */
interface Ends {
  eosIds: ReadonlySet<number>;
  /** Tokens that still fit, the request's `maxTokens` and the model's length considered. */
  maxTokens: number;
}

/** One request: its prompt's tokens, and its replies as they finish. */
export class Job {
  readonly request: CompletionRequest;
  readonly prompt: readonly number[];
  /** All n replies, in order of their index. */
  readonly replies: Promise<Completion[]>;
  /** What one of its rows is reckoned to come to, in tokens. */
  readonly longest: number;
  prefill: Prefill | null = null;
  failed = false;
  readonly #tokenizer: Tokenizer;
  readonly #finder: StopFinder;
  readonly ends: Ends;
  readonly #finished: Completion[] = [];
  readonly #settle: PromiseWithResolvers<Completion[]> = Promise.withResolvers();
  readonly #onAbort: () => void;
  #taken = 0;
  #left: number;

  /** Throws `ModelError` where the prompt leaves no room for a token. */
  constructor(request: CompletionRequest, model: JobModel) {
    const { tokenizer, maxPositions } = model;
    this.request = request;
    this.prompt = encodeAtMost(tokenizer, request.prompt, maxPositions);
    const room = maxPositions - this.prompt.length;
    if (room < 1 || this.prompt.length === 0) {
      const [reason, rule] = room < 1
        ? [
          "context_overflow",
          `${maxPositions} tokens or more, the model takes ${maxPositions}, one of them for the reply`,
        ]
        : ["empty_prompt", "no tokens, nothing to go on from"];
      throw new ModelError("reject", `prompt of ${rule}`, { reason });
    }
    this.replies = this.#settle.promise;
    // Whoever asked sees a failure when they look; one before that is no unhandled rejection.
    this.replies.catch(() => {});
    this.#tokenizer = tokenizer;
    // A stop string that is a special token never stands in decoded text: it ends by its id.
    const special = new Map<string, number>();
    for (const stop of request.stop) {
      const [id, ...more] = tokenizer.encode(stop);
      if (id !== undefined && more.length === 0 && tokenizer.specialIds.has(id)) {
        special.set(stop, id);
      }
    }
    this.#finder = new StopFinder(tokenizer, request.stop.filter((stop) => !special.has(stop)));
    this.ends = {
      eosIds: new Set([...model.eosIds, ...special.values()]),
      maxTokens: Math.min(request.maxTokens, room),
    };
    this.longest = this.prompt.length + Math.min(this.ends.maxTokens, RECKONED_TOKENS);
    this.#left = request.n;
    this.#onAbort = () => this.fail(request.signal!.reason);
    if (request.signal?.aborted) this.#onAbort();
    else request.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Whether all replies were begun. */
  get started(): boolean {
    return this.#taken === this.request.n;
  }

  /** At most `count` of the replies that were not begun yet. */
  takeRows(count: number): Row[] {
    const rows: Row[] = [];
    for (; rows.length < count && !this.started; this.#taken++) {
      const text = new ReplyText(this.#tokenizer, this.#finder, this.prompt);
      rows.push(new Row(this, this.#taken, text));
    }
    return rows;
  }

  finish(index: number, reply: Completion): void {
    this.#finished[index] = reply;
    if (--this.#left > 0) return;
    this.request.signal?.removeEventListener("abort", this.#onAbort);
    this.#settle.resolve(this.#finished);
  }

  fail(reason: unknown): void {
    this.failed = true;
    this.request.signal?.removeEventListener("abort", this.#onAbort);
    this.#settle.reject(reason);
  }
}

/** One reply: its tokens, its random stream and its text. */
export class Row implements Sequence {
  /** The prompt's tokens, then the reply's. */
  readonly tokens: number[];
  readonly temperature: number;
  /** The next number of this reply's own stream: one a token. */
  readonly random: Random;

  constructor(readonly job: Job, readonly index: number, readonly text: ReplyText) {
    const { seed, id, temperature } = job.request;
    this.tokens = [...job.prompt];
    this.temperature = temperature;
    this.random = randomFor(seed, id, index);
  }

  /** Takes the next token; the finished reply where it was the last. */
  add(token: number): Completion | null {
    const { text } = this, { prompt, ends, request: { includeStop } } = this.job;
    this.tokens.push(token);
    const completionTokens = this.tokens.length - prompt.length;
    if (ends.eosIds.has(token)) {
      return { text: text.whole(), finishReason: "stop", completionTokens };
    }
    text.add(token);
    const stop = text.findStop();
    if (stop !== null) {
      const whole = text.whole().slice(0, includeStop ? stop.end : stop.start);
      return { text: whole, finishReason: "stop", completionTokens };
    }
    if (completionTokens < ends.maxTokens) return null;
    return { text: text.whole(), finishReason: "length", completionTokens };
  }
}
