/** Gemini by `@google/genai`, its own retries off: the stage runner decides. */
import {
  type ContentListUnion,
  type GenerateContentConfig,
  GoogleGenAI,
  type HttpOptions,
} from "@google/genai";
import type { GeminiSender, GeminiServer } from "./gemini_sender.ts";

/** The API's version that both SDKs speak; this one's own default is another. */
export const API_VERSION = "v1beta";

/** The SDK's client. Everything that it would take from the environment is given. */
export function genaiClient(
  { apiKey, baseUrl }: GeminiServer,
  more: HttpOptions = {},
): GoogleGenAI {
  const httpOptions = { baseUrl, apiVersion: API_VERSION, ...more };
  return new GoogleGenAI({ apiKey, vertexai: false, httpOptions });
}

/** Sends by this SDK. */
export const genaiSender: GeminiSender = (server) => {
  const client = genaiClient(server);
  return async (body, fetch, abortSignal) => {
    const { contents, systemInstruction, generationConfig } = body;
    return await client.models.generateContent({
      model: server.model,
      contents: contents as ContentListUnion,
      config: {
        ...generationConfig as GenerateContentConfig,
        ...(systemInstruction === undefined
          ? {}
          : { systemInstruction: systemInstruction as GenerateContentConfig["systemInstruction"] }),
        httpOptions: { fetch: fetch as HttpOptions["fetch"] },
        abortSignal,
      },
    });
  };
};
