/** One reply on its way: its tokens, its random stream and what ends it. */
import type { Completion, CompletionRequest } from "../text_model.ts";
import { type Random, randomFor } from "../../core/random.ts";
import type { Sequence } from "./causal_model.ts";
import type { ReplyText } from "./reply_text.ts";

/** What ends a reply. */
export interface Ends {
  eosIds: ReadonlySet<number>;
  /** Tokens that still fit, the request's `maxTokens` and the model's length considered. */
  maxTokens: number;
}

/** A reply that is being generated. */
export class Row implements Sequence {
  /** The prompt's tokens, then the reply's. */
  readonly tokens: number[];
  readonly index: number;
  readonly temperature: number;
  readonly #promptLength: number;
  readonly #text: ReplyText;
  readonly #ends: Ends;
  readonly #includeStop: boolean;
  readonly #random: Random;

  constructor(
    prompt: readonly number[],
    request: CompletionRequest,
    index: number,
    text: ReplyText,
    ends: Ends,
  ) {
    this.tokens = [...prompt];
    this.index = index;
    this.temperature = request.temperature;
    this.#promptLength = prompt.length;
    this.#text = text;
    this.#ends = ends;
    this.#includeStop = request.includeStop;
    this.#random = randomFor(request.seed, request.id, index);
  }

  /** The next number of this reply's own stream: one a token. */
  random(): number {
    return this.#random();
  }

  /** Takes the next token; the finished reply where it was the last. */
  add(token: number): Completion | null {
    this.tokens.push(token);
    const completionTokens = this.tokens.length - this.#promptLength;
    if (this.#ends.eosIds.has(token)) {
      return { text: this.#text.whole(), finishReason: "stop", completionTokens };
    }
    this.#text.add(token);
    const stop = this.#text.findStop();
    if (stop !== null) {
      const text = this.#text.whole().slice(0, this.#includeStop ? stop.end : stop.start);
      return { text, finishReason: "stop", completionTokens };
    }
    if (completionTokens < this.#ends.maxTokens) return null;
    return { text: this.#text.whole(), finishReason: "length", completionTokens };
  }
}
