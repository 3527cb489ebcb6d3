/** One way of calling every inference server: JSON out, JSON back, failures as `ModelError`. */
import type { StageContext } from "../../core/context.ts";
import { InputError, ModelError } from "../../core/errors.ts";
import { connectionError, serverError } from "./server_error.ts";

/** How the servers of a model are reached. */
export interface ServerOptions {
  /** Servers that share the work; each with or without a trailing `/v1`. */
  baseUrls: readonly string[];
  context: Pick<StageContext, "fetch" | "env" | "log" | "now" | "sleep">;
}

/** Calls servers by URL and path. Throws `ModelError`; `ServerDown` where nothing answers. */
export class ServerClient {
  readonly #fetch: typeof fetch;
  readonly #headers: Record<string, string>;

  /** `key` is sent as a bearer token. */
  constructor(options: { fetch: typeof fetch; key?: string }) {
    this.#fetch = options.fetch;
    this.#headers = options.key ? { authorization: `Bearer ${options.key}` } : {};
  }

  async get(url: string, path: string, signal?: AbortSignal): Promise<unknown> {
    return await this.#json(url, path, { headers: this.#headers, signal });
  }

  async post(url: string, path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return await this.#json(url, path, this.#posted(body, signal));
  }

  /** Posts, and gives the answer's body as it comes. */
  async stream(
    url: string,
    path: string,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send(url, path, this.#posted(body, signal));
    if (!response.body) throw connectionError(url, new Error("connection closed"));
    return response.body;
  }

  #posted(body: unknown, signal?: AbortSignal): RequestInit {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return { method: "POST", headers, body: JSON.stringify(body), signal };
  }

  async #json(url: string, path: string, init: RequestInit): Promise<unknown> {
    const response = await this.#send(url, path, init);
    const text = await this.#text(url, response, init.signal);
    try {
      return JSON.parse(text);
    } catch {
      throw new ModelError("retry", `${url}${path}: the answer is not JSON`);
    }
  }

  async #send(url: string, path: string, init: RequestInit): Promise<Response> {
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
      return await response.text();
    } catch (error) {
      signal?.throwIfAborted();
      throw connectionError(url, error);
    }
  }
}

/**
 * The servers' roots, each once: `http://node1:8000/v1/` is `http://node1:8000`. Throws
 * `InputError` for what is no http URL, or none at all.
 */
export function serverUrls(baseUrls: readonly string[]): string[] {
  if (baseUrls.length === 0) {
    throw new InputError("--base-url URL is needed: where the server is, http://127.0.0.1:8000");
  }
  return [...new Set(baseUrls.map(rootOf))];
}

function rootOf(baseUrl: string): string {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw new InputError(`--base-url ${baseUrl}: not a URL, such as http://127.0.0.1:8000`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new InputError(`--base-url ${baseUrl}: must begin with http:// or https://`);
  }
  return (url.origin + url.pathname).replace(/\/+$/, "").replace(/\/v1$/, "");
}
