/** One completion server, asked as its habits want it: n replies at once or one by one, or streamed. */
import { messageOf, ModelError } from "../../core/errors.ts";
import { replyBytes } from "../call/guarded_fetch.ts";
import type { ServerClient } from "../server/server_client.ts";
import { ServerDown } from "../server/server_error.ts";
import type { Completion, CompletionRequest } from "../text_model.ts";
import { completionBody, completionsOf, parseCompletionReply } from "./completion_wire.ts";
import { findServerHabits, type ServerHabits } from "./server_habits.ts";
import { readStreamedCompletion } from "./stream_completion.ts";

/** What is asked of a server beside the requests. */
export interface ServedCompletions {
  /** The model's name at its servers. */
  name: string;
  /** The tokenizer's BOS as text: taken off the prompt for servers that always add their own. */
  bosToken?: string | null;
}

/** A server of completions. Its habits are found out before it is first asked. */
export class CompletionServer {
  #habits: Promise<ServerHabits> | undefined;
  /** A larger n than it takes was refused once: from then on it is asked n times. */
  #refusedN = false;

  constructor(
    readonly client: ServerClient,
    readonly url: string,
    readonly model: ServedCompletions,
    /** Tokens of prompt and reply together, where it says. */
    readonly maxModelLen: number | null | undefined,
  ) {}

  /** The n continuations. Throws `ModelError`. */
  async complete(request: CompletionRequest): Promise<Completion[]> {
    const { url, maxModelLen: limit } = this, { n } = request;
    if (limit && request.maxTokens >= limit) {
      throw new ModelError(
        "fatal",
        `${url}: ${request.maxTokens} tokens a reply leave no room for a prompt: the server's ` +
          `context (max_model_len) is ${limit} tokens`,
      );
    }
    const habits = await (this.#habits ??= this.#find());
    const asked = habits.addsBos ? this.#withoutBos(request) : request;
    if (!habits.takesN || this.#refusedN || streams(habits, asked)) {
      return await this.#oneByOne(asked, habits);
    }
    try {
      const all = await this.#ask(asked, habits, { n, index: 0 });
      if (all.length >= n) return all.slice(0, n);
    } catch (error) {
      const refused = error instanceof ModelError && error.kind === "fatal" && n > 1;
      if (!refused) throw error;
      const one = await this.#ask(asked, habits, { n: 1, index: 0 });
      this.#refusedN = true;
      return [...one, ...await this.#oneByOne(asked, habits, 1)];
    }
    this.#refusedN = true;
    return await this.#oneByOne(asked, habits);
  }

  /** The continuations from index `from` on, each by a request of its own, all at once. */
  async #oneByOne(
    request: CompletionRequest,
    habits: ServerHabits,
    from = 0,
  ): Promise<Completion[]> {
    const indices = Array.from({ length: request.n - from }, (_, at) => from + at);
    const failed = new AbortController();
    const signals = [failed.signal, ...(request.signal ? [request.signal] : [])];
    const one = { ...request, signal: AbortSignal.any(signals) };
    try {
      const each = await Promise.all(
        indices.map((index) =>
          streams(habits, one) ? this.#stream(one, index) : this.#ask(one, habits, { n: 1, index })
        ),
      );
      return each.flat();
    } catch (error) {
      // The others would be paid for in vain.
      failed.abort(error);
      throw error;
    }
  }

  async #ask(
    request: CompletionRequest,
    { stops }: ServerHabits,
    part: { n: number; index: number },
  ): Promise<Completion[]> {
    const { client, url, model: { name } } = this;
    const json = await client.post(url, "/v1/completions", completionBody(name, request, part), {
      signal: request.signal,
      maxBytes: boundOf(request, { replies: part.n }),
    });
    const appendStop = request.includeStop && stops === "named";
    return completionsOf(parseCompletionReply(url, json), { appendStop });
  }

  async #stream(request: CompletionRequest, index: number): Promise<Completion> {
    const { client, url, model: { name } } = this, { signal, stop } = request;
    const body = { ...completionBody(name, request, { n: 1, index }), stop: [], stream: true };
    const maxBytes = boundOf(request, { replies: 1, streamed: true });
    const stream = await client.stream(url, "/v1/completions", body, { signal, maxBytes });
    return await readStreamedCompletion(url, stream, stop, signal);
  }

  #withoutBos(request: CompletionRequest): CompletionRequest {
    const { bosToken } = this.model;
    if (!bosToken || !request.prompt.startsWith(bosToken)) return request;
    return { ...request, prompt: request.prompt.slice(bosToken.length) };
  }

  async #find(): Promise<ServerHabits> {
    try {
      return await findServerHabits(this.client, this.url, this.model.name);
    } catch (error) {
      this.#habits = undefined;
      if (error instanceof ServerDown || !(error instanceof ModelError)) throw error;
      throw new ModelError(error.kind, `the first request failed: ${messageOf(error)}`, {
        retryAfterMs: error.retryAfterMs,
        cause: error,
      });
    }
  }
}

/** Whether a server would lose the stop string that the caller wants to see. */
function streams({ stops }: ServerHabits, { includeStop, stop }: CompletionRequest): boolean {
  return includeStop && stop.length > 0 && stops === "lost";
}

/** Bytes that a reply may take. */
function boundOf(
  { maxTokens, prompt }: CompletionRequest,
  { replies, streamed = false }: { replies: number; streamed?: boolean },
): number {
  return replyBytes({ tokens: replies * maxTokens, promptBytes: 3 * prompt.length, streamed });
}
