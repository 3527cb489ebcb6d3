/** One way of calling every inference server: JSON out, JSON back, failures as `ModelError`. */
import type { StageContext } from "../../core/context.ts";
import { ModelError } from "../../core/errors.ts";
import { jsonValue } from "../../core/json_value.ts";
import { withTimeLimit } from "../../run/time_limit.ts";
import { guardedFetch, type GuardedInit } from "../call/guarded_fetch.ts";
import { serverWords } from "../call/server_words.ts";
import { headerKey, withholdKey } from "../withhold_key.ts";
import { connectionError, ServerDown, serverError } from "./server_error.ts";

/** How the servers of a model are reached. */
export interface ServerOptions {
  /** Servers that share the work; each with or without a trailing `/v1`. */
  baseUrls: readonly string[];
  context:
    & Pick<StageContext, "fetch" | "env" | "log" | "monotonic" | "now" | "sleep">
    & Stopped;
}

/** A stop of the whole run: it ends what is asked about servers too. */
type Stopped = Partial<Pick<StageContext, "signal">>;

export interface CallBounds {
  signal?: AbortSignal;
  /** Bytes of the reply at most; see `replyBytes`. */
  maxBytes?: number;
}

/** A server's first answer may wait for kernels to be compiled. */
const UNBOUNDED_MS = 120_000;

/**
 * Calls servers by URL and path. Throws `ModelError`; `ServerDown` where nothing answers; the
 * signal's reason once that is aborted.
 */
export class ServerClient {
  readonly #fetch: typeof fetch;
  readonly #headers: Record<string, string>;
  readonly #key: string | undefined;
  readonly #stop: AbortSignal | undefined;

  /**
   * The key in the environment variable `keyName`, where it holds one, is sent as a bearer token, and
   * taken out of what servers repeat of it.
   */
  constructor(
    keyName: string,
    { env, fetch, signal }: Pick<StageContext, "env" | "fetch"> & Stopped,
  ) {
    this.#fetch = guardedFetch(fetch);
    this.#stop = signal;
    this.#key = headerKey(keyName, env(keyName));
    this.#headers = this.#key ? { authorization: `Bearer ${this.#key}` } : {};
  }

  async get(url: string, path: string, bounds: CallBounds = {}): Promise<unknown> {
    return await this.#json(url, path, { headers: this.#headers, ...bounds });
  }

  async post(url: string, path: string, body: unknown, bounds: CallBounds = {}): Promise<unknown> {
    return await this.#json(url, path, this.#posted(body, bounds));
  }

  /** Posts, and gives the reply's body as it comes. Throws a `retry` where it is no stream. */
  async stream(
    url: string,
    path: string,
    body: unknown,
    bounds: CallBounds = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const init = this.#posted(body, bounds);
    const response = await this.#send(url, path, init);
    const type = response.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
    if (type === "application/json" || type === "text/html") {
      const words = serverWords(await this.#text(url, response, init.signal));
      throw new ModelError(
        "retry",
        `${url}${path}: a stream of events was asked for, and ${type} came: ${words}`,
      );
    }
    if (!response.body) throw connectionError(url, new Error("connection closed"));
    return response.body;
  }

  #posted(body: unknown, bounds: CallBounds): GuardedInit {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return { method: "POST", headers, body: JSON.stringify(body), ...bounds };
  }

  /** A request that nobody else bounds in time, one about the server itself, is bounded here. */
  async #json(url: string, path: string, init: GuardedInit): Promise<unknown> {
    if (init.signal) return await this.#answer(url, path, init);
    return await withTimeLimit(
      UNBOUNDED_MS,
      this.#stop,
      (signal) => this.#answer(url, path, { ...init, signal }),
      () => new ServerDown(`${url}${path}: no answer within ${UNBOUNDED_MS / 1000} s`),
    );
  }

  async #answer(url: string, path: string, init: GuardedInit): Promise<unknown> {
    const response = await this.#send(url, path, init);
    const text = await this.#text(url, response, init.signal);
    const value = jsonValue(text);
    if (value !== undefined) return value;
    const words = serverWords(text) || "nothing";
    throw new ModelError("retry", `${url}${path}: no JSON came, but: ${words}`);
  }

  async #send(url: string, path: string, init: GuardedInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(url + path, init);
    } catch (error) {
      init.signal?.throwIfAborted();
      throw connectionError(url, error);
    }
    if (response.ok) return response;
    const body = await this.#text(url, response, init.signal);
    throw serverError(url, response.status, response.headers, body);
  }

  async #text(url: string, response: Response, signal?: AbortSignal | null): Promise<string> {
    try {
      return withholdKey(await response.text(), this.#key);
    } catch (error) {
      signal?.throwIfAborted();
      throw connectionError(url, error);
    }
  }
}
