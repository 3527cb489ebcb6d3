/** Gemini by `@google/generative-ai` 0.24.1, that SDK's last version. */
import { GoogleGenerativeAI } from "@google/generative-ai";
import type { GeminiSender } from "./gemini_sender.ts";
import { withScopedFetch } from "./scoped_fetch.ts";

/** Sends by this SDK, which knows no `fetch` but the global one. */
export const generativeAiSender: GeminiSender = ({ model, apiKey, baseUrl }) => {
  const server = new GoogleGenerativeAI(apiKey).getGenerativeModel({ model }, { baseUrl });
  return async (body, fetch, signal) => {
    // What `fetch` threw is lost in this SDK's own error, which keeps its message alone.
    let thrown: unknown;
    const kept: typeof fetch = async (input, init) => {
      try {
        return await fetch(input, init);
      } catch (error) {
        thrown = error;
        throw error;
      }
    };
    try {
      const sent = await withScopedFetch(kept, () => server.generateContent(body, { signal }));
      return sent.response;
    } catch (error) {
      throw thrown ?? error;
    }
  };
};
