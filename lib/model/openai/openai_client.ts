/** The official SDK with its own retries and environment off: the stage runner decides. */
import OpenAI from "openai";
import { parseBaseUrl } from "../call/base_urls.ts";
import { guardedFetch } from "../call/guarded_fetch.ts";

/** Where requests go and with what. */
export interface OpenaiClientOptions {
  /** Servers of the same model; work is spread over them. Default OpenAI's own. */
  baseUrls?: readonly string[];
  /** Undefined for servers that need none. */
  apiKey?: string;
  fetch?: typeof fetch;
  /** Told of each reply's headers, whatever its status. */
  onHeaders?: (headers: Headers) => void;
}

/** OpenAI's own server. */
const OPENAI_BASE_URL = "https://api.openai.com/v1";

/** One client a server. */
export function openaiClients(options: OpenaiClientOptions): OpenAI[] {
  const { apiKey, onHeaders, fetch: send = globalThis.fetch } = options;
  const baseUrls = options.baseUrls?.length ? options.baseUrls : [OPENAI_BASE_URL];
  return baseUrls.map((baseURL) =>
    new OpenAI({
      apiKey: apiKey ?? "none",
      adminAPIKey: null,
      baseURL: withVersion(baseURL),
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: 24 * 3_600_000,
      logLevel: "off",
      fetch: guardedFetch(send, { onHeaders }),
    })
  );
}

/** `/v1` is added to an address without a path. */
function withVersion(url: string): string {
  return parseBaseUrl(url).pathname === "/" ? `${url.replace(/\/+$/, "")}/v1` : url;
}
