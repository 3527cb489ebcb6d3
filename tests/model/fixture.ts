/** Recorded replies of providers, by their documented shapes; and requests to hold against them. */
import type { ChatRequest } from "../../lib/model/chat_model.ts";

/** A recorded body. */
export async function fixture(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(`tests/fixtures/${name}.json`));
}

/** A `fetch` that answers each call with the next body, and keeps what was asked. */
export function answering(...answers: { status?: number; body: unknown; headers?: HeadersInit }[]) {
  const asked: { url: string; body: Record<string, unknown>; headers: Headers }[] = [];
  const send: typeof fetch = (url, init) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    const headers = new Headers(init?.headers);
    asked.push({ url: String(url), body: JSON.parse(String(init?.body)), headers });
    return Promise.resolve(
      new Response(JSON.stringify(answer.body), {
        status: answer.status ?? 200,
        headers: { "content-type": "application/json", ...answer.headers },
      }),
    );
  };
  return { send, asked };
}

/** A several-turn request with a system message. */
export function chatRequest(fields: Partial<ChatRequest> = {}): ChatRequest {
  return {
    id: "p1",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Hi!" },
      { role: "user", content: "Capital of France?" },
    ],
    thinking: "simulated",
    maxTokens: 512,
    temperature: 0.7,
    topP: 0.9,
    seed: 42,
    attempt: 0,
    ...fields,
  };
}
