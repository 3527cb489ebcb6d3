/** A request on its way through the engine. */
import { ModelError } from "../../core/errors.ts";
import type { Completion, CompletionRequest } from "../text_model.ts";
import type { Prefill } from "./causal_model.ts";
import { encodeAtMost } from "./encode_at_most.ts";
import { ReplyText, StopFinder } from "./reply_text.ts";
import { type Ends, Row } from "./row.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Replies are reckoned at so many tokens at most: few use a high limit up. */
const RECKONED_TOKENS = 1024;

/** What a job needs to know of its model. */
export interface JobModel {
  tokenizer: Tokenizer;
  eosIds: ReadonlySet<number>;
  maxPositions: number;
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
  readonly #ends: Ends;
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
    this.#ends = {
      eosIds: new Set([...model.eosIds, ...special.values()]),
      maxTokens: Math.min(request.maxTokens, room),
    };
    this.longest = this.prompt.length + Math.min(this.#ends.maxTokens, RECKONED_TOKENS);
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
      rows.push(new Row(this.prompt, this.request, this.#taken, text, this.#ends));
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
