/** What the two SDKs have in common here. Types only. */
import type { GenerateContentRequest } from "@google/generative-ai";

/** Google's SDKs, by their packages' names. */
export type GeminiSdk = "genai" | "generative-ai";

/** Where requests go. */
export interface GeminiServer {
  model: string;
  apiKey: string;
  /** Without the API's version. */
  baseUrl: string;
}

/** Sends the body of `generateContent` by a `fetch`; throws whatever its SDK throws. */
export type SendToGemini = (
  body: GenerateContentRequest,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal | undefined,
) => Promise<unknown>;

/** Opens a server by an SDK. */
export type GeminiSender = (server: GeminiServer) => SendToGemini;
