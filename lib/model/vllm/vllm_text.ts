/** A policy on vLLM, or on any server with OpenAI's `/v1/completions`. */
import { messageOf, ModelError } from "../../core/errors.ts";
import type { Call } from "../call/call.ts";
import { replyBytes } from "../call/guarded_fetch.ts";
import { pooledCall } from "../server/pooled_call.ts";
import type { ServerClient, ServerOptions } from "../server/server_client.ts";
import { ServerDown } from "../server/server_error.ts";
import { versionOf } from "../server/served_reward.ts";
import type { ServerPool } from "../server/server_pool.ts";
import type { Completion, CompletionRequest, TextModel } from "../text_model.ts";
import { completionBody, completionsOf, parseCompletionReply } from "./completion_wire.ts";
import { openServed, type ServedModel } from "./served_models.ts";
import { findServerHabits, type ServerHabits } from "./server_habits.ts";
import { askSlots } from "./server_slots.ts";
import { readStreamedCompletion } from "./stream_completion.ts";

/** How a served policy is reached. */
export interface VllmTextOptions extends ServerOptions {
  /** The model's name at its servers. */
  name: string;
  /** The tokenizer's BOS as text: taken off the prompt for servers that always add their own. */
  bosToken?: string | null;
  /** Replies asked for a prompt, by which the requests in flight are bounded. Default 1. */
  n?: number;
}

/** Bytes that a reply may take. */
function boundOf(
  { maxTokens, prompt }: CompletionRequest,
  { replies, streamed = false }: { replies: number; streamed?: boolean },
): number {
  return replyBytes({ tokens: replies * maxTokens, promptBytes: 3 * prompt.length, streamed });
}

/** What is known of one server. */
interface Known {
  habits: ServerHabits;
  /** A larger n than this server takes was refused once: from then on it is asked n times. */
  refusedN: boolean;
}

/**
 * Opens a policy on one or more servers. `/v1/models` is asked at once: throws `InputError` in one
 * line where nothing answers or the name is another. A server wants its key in VLLM_API_KEY.
 *
 * What OpenAI-compatible servers differ in (n, BOS, stop strings) is found out by first requests,
 * not by the server's name. A prompt that does not fit is `reject` / `context_overflow`.
 */
export async function vllmText(options: VllmTextOptions): Promise<TextModel> {
  const { client, pool, served } = await openServed(options);
  const slots = await Promise.all([...served.keys()].map((url) => askSlots(client, url)));
  const sequences = slots.reduce((sum, each) => sum + each, 0) * pool.size / served.size;
  return new VllmText(options, client, pool, served, Math.ceil(sequences / (options.n ?? 1)));
}

class VllmText implements TextModel {
  readonly name: string;
  /** What its servers say of it. */
  readonly version: string;
  readonly concurrency: number;
  readonly #known = new Map<string, Promise<Known>>();
  readonly #call: Call<CompletionRequest, Completion[]>;

  constructor(
    readonly options: VllmTextOptions,
    readonly client: ServerClient,
    readonly pool: ServerPool,
    readonly served: ReadonlyMap<string, ServedModel>,
    concurrency: number,
  ) {
    this.name = options.name;
    this.version = versionOf(served.values());
    this.concurrency = concurrency;
    this.#call = pooledCall(
      pool,
      options.context,
      (url, request, signal) => this.#completeAt(url, { ...request, signal }),
    );
  }

  async complete(request: CompletionRequest): Promise<Completion[]> {
    // Greedy replies are all the same, and vLLM refuses n > 1 for them.
    const n = request.temperature === 0 ? 1 : request.n;
    const completions = await this.#call({ ...request, n }, request.signal);
    return Array.from({ length: request.n }, (_, index) => completions[index % n]!);
  }

  close(): Promise<void> {
    this.pool.close();
    return Promise.resolve();
  }

  async #completeAt(url: string, request: CompletionRequest): Promise<Completion[]> {
    const limit = this.served.get(url)?.maxModelLen;
    if (limit && request.maxTokens >= limit) {
      throw new ModelError(
        "fatal",
        `${url}: ${request.maxTokens} tokens a reply leave no room for a prompt: the server's ` +
          `context (max_model_len) is ${limit} tokens`,
      );
    }
    const known = await this.#knownOf(url);
    const asked = known.habits.addsBos ? this.#withoutBos(request) : request;
    if (!known.habits.takesN || known.refusedN || this.#streams(known, asked)) {
      return await this.#oneByOne(url, asked, known);
    }
    try {
      const all = await this.#ask(url, asked, known, { n: asked.n, index: 0 });
      if (all.length >= asked.n) return all.slice(0, asked.n);
    } catch (error) {
      const refused = error instanceof ModelError && error.kind === "fatal" && asked.n > 1;
      if (!refused) throw error;
      const one = await this.#ask(url, asked, known, { n: 1, index: 0 });
      known.refusedN = true;
      const rest = await this.#oneByOne(url, asked, known, 1);
      return [...one, ...rest];
    }
    known.refusedN = true;
    return await this.#oneByOne(url, asked, known);
  }

  /** The continuations from index `from` on, each by a request of its own, all at once. */
  async #oneByOne(
    url: string,
    request: CompletionRequest,
    known: Known,
    from = 0,
  ): Promise<Completion[]> {
    const indices = Array.from({ length: request.n - from }, (_, at) => from + at);
    const failed = new AbortController();
    const signals = [failed.signal, ...(request.signal ? [request.signal] : [])];
    const one = { ...request, signal: AbortSignal.any(signals) };
    try {
      const each = await Promise.all(
        indices.map((index) =>
          this.#streams(known, one)
            ? this.#stream(url, one, index)
            : this.#ask(url, one, known, { n: 1, index })
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
    url: string,
    request: CompletionRequest,
    { habits }: Known,
    part: { n: number; index: number },
  ): Promise<Completion[]> {
    const body = completionBody(this.options.name, request, part);
    const json = await this.client.post(url, "/v1/completions", body, {
      signal: request.signal,
      maxBytes: boundOf(request, { replies: part.n }),
    });
    const appendStop = request.includeStop && habits.stops === "named";
    return completionsOf(parseCompletionReply(url, json), { appendStop });
  }

  async #stream(url: string, request: CompletionRequest, index: number): Promise<Completion> {
    const body = completionBody(this.options.name, request, { n: 1, index });
    const streamed = { ...body, stop: [], stream: true };
    const stream = await this.client.stream(url, "/v1/completions", streamed, {
      signal: request.signal,
      maxBytes: boundOf(request, { replies: 1, streamed: true }),
    });
    return await readStreamedCompletion(url, stream, request.stop, request.signal);
  }

  /** Whether the server would lose the stop string that the caller wants to see. */
  #streams({ habits }: Known, request: CompletionRequest): boolean {
    return request.includeStop && request.stop.length > 0 && habits.stops === "lost";
  }

  #withoutBos(request: CompletionRequest): CompletionRequest {
    const { bosToken } = this.options;
    if (!bosToken || !request.prompt.startsWith(bosToken)) return request;
    return { ...request, prompt: request.prompt.slice(bosToken.length) };
  }

  #knownOf(url: string): Promise<Known> {
    let known = this.#known.get(url);
    if (!known) {
      known = this.#find(url);
      this.#known.set(url, known);
      known.catch(() => this.#known.delete(url));
    }
    return known;
  }

  async #find(url: string): Promise<Known> {
    try {
      const habits = await findServerHabits(this.client, url, this.options.name);
      return { habits, refusedN: false };
    } catch (error) {
      if (error instanceof ServerDown || !(error instanceof ModelError)) throw error;
      throw new ModelError(error.kind, `the first request failed: ${messageOf(error)}`, {
        retryAfterMs: error.retryAfterMs,
        cause: error,
      });
    }
  }
}
