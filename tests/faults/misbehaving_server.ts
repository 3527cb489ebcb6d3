/**
 * A server that answers right only some of the time, for every wire that the adapters speak: OpenAI's
 * Responses and chat completions, Gemini's generateContent, `/v1/completions`, and the reward routes
 * of vLLM, TEI and SGLang. A handler for `Deno.serve`, or a `fetch` of its own.
 *
 * It keeps its own count of requests a prompt, and of the tokens that its whole replies told. Prompts
 * are known by a word `p17` of their text.
 */
import { randomFor } from "../../lib/core/random.ts";

/** What may be wrong with an answer. */
export const FAULTS = [
  "500",
  "502",
  "503",
  "429",
  "400",
  "web_page",
  "no_json",
  "other_json",
  "json_for_stream",
  "cut",
  "silence",
  "no_usage",
  "negative_usage",
  "huge_usage",
  "redirect",
  "endless",
  "malformed",
  "empty",
] as const;
export type Fault = (typeof FAULTS)[number];

/** How it misbehaves. */
export interface Misbehaviour {
  seed: number;
  /** The share of answers that have a fault, and which ones. */
  share: number;
  faults: readonly Fault[];
  /** What a completion server does with stop strings. */
  stops?: "kept" | "lost";
}

/** Tokens that the server bills for each reply. */
export const TOLD = { prompt: 40, completion: 25 } as const;

const TEXT = "<think> Short plan. </think>\n<response> A reply. </response>";
const COMPLETION = " <response> A reply. </response> and more";

type Json = Record<string, unknown>;

export class MisbehavingServer {
  /** Requests a prompt; probes and questions about the server itself are not counted. */
  readonly requests = new Map<string, number>();
  /** Replies that went out whole with an honest usage. */
  readonly told = { replies: 0, prompt: 0, completion: 0 };
  /** Answers to a prompt in which nothing was wrong: a second one was paid in vain. */
  readonly right = new Map<string, number>();
  readonly injected: Partial<Record<Fault, number>> = {};
  /** Requests that came by a redirect: their keys and prompts are with somebody else. */
  strayed = 0;
  #served = 0;

  constructor(public how: Misbehaviour) {}

  /** The same as a `fetch`: a redirect is followed where the caller does not forbid it. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const response = await this.answer(request);
    if (response.status === 307 && init?.redirect !== "manual") {
      this.strayed++;
      return Response.json({});
    }
    return response;
  };

  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method === "GET") return this.#about(pathname);
    const text = await request.text();
    const prompts = new Set(text.match(/\bp\d+\b/g) ?? []);
    const body = JSON.parse(text) as Json;
    if (prompts.size === 0) return this.#right(pathname, body);
    for (const id of prompts) this.requests.set(id, (this.requests.get(id) ?? 0) + 1);
    const random = randomFor(this.how.seed, `${this.#served++}`, "fault");
    const fault = random() < this.how.share
      ? this.how.faults[Math.floor(random() * this.how.faults.length)]
      : undefined;
    if (fault === undefined) {
      for (const id of prompts) this.right.set(id, (this.right.get(id) ?? 0) + 1);
      return this.#right(pathname, body, undefined, true);
    }
    this.injected[fault] = (this.injected[fault] ?? 0) + 1;
    return await this.#wrong(fault, pathname, body, request.signal);
  }

  async #wrong(fault: Fault, path: string, body: Json, signal: AbortSignal): Promise<Response> {
    const error = (status: number, headers = {}) =>
      Response.json({ error: { message: `injected ${status}`, type: "injected" } }, {
        status,
        headers,
      });
    switch (fault) {
      case "500":
      case "502":
        return error(Number(fault));
      case "503":
        return error(503, { "retry-after": "1" });
      case "429":
        return error(429, { "retry-after-ms": "200" });
      case "400":
        return error(400);
      case "web_page":
        return new Response("<html><title>Sign in</title></html>", {
          headers: { "content-type": "text/html" },
        });
      case "no_json":
        return new Response('{"choices": [', { headers: { "content-type": "application/json" } });
      case "other_json":
        return Response.json({ ok: true });
      case "json_for_stream":
        return Response.json({ choices: [{ index: 0, text: "hello", finish_reason: "stop" }] });
      case "cut":
        return cutShort();
      case "silence":
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throw signal.reason;
      case "redirect":
        return new Response(null, {
          status: 307,
          headers: { location: "http://elsewhere.example/v1" },
        });
      case "endless":
        return endless(body.stream === true);
      default:
        return this.#right(path, body, fault, true);
    }
  }

  #about(path: string): Response {
    switch (path) {
      case "/v1/models":
        return Response.json({ data: [{ id: "m", root: "org/m", max_model_len: 4096 }] });
      case "/info":
        return Response.json({
          model_id: "m",
          model_type: { reranker: { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } } },
          max_input_length: 512,
          max_client_batch_size: 8,
        });
      case "/get_model_info":
        return Response.json({ model_path: "m" });
      default:
        return new Response("not found", { status: 404 });
    }
  }

  /** A right answer, but for what `fault` says about its text or its usage. */
  #right(path: string, body: Json, fault?: Fault, counted = false): Response {
    const counts = fault === "no_usage"
      ? undefined
      : fault === "negative_usage"
      ? { prompt: -1_000_000, completion: -5 }
      : fault === "huge_usage"
      ? { prompt: 1e300, completion: 1e300 }
      : TOLD;
    const text = fault === "malformed" ? "no tags" : fault === "empty" ? "" : TEXT;
    if (counted && counts === TOLD) {
      this.told.replies++;
      this.told.prompt += TOLD.prompt;
      this.told.completion += TOLD.completion;
    }
    switch (path) {
      case "/v1/responses":
        return Response.json({
          status: "completed",
          output: [{ type: "message", content: [{ type: "output_text", text }] }],
          ...(counts
            ? { usage: { input_tokens: counts.prompt, output_tokens: counts.completion } }
            : {}),
        });
      case "/v1/chat/completions":
        return Response.json({
          choices: [{ finish_reason: "stop", message: { role: "assistant", content: text } }],
          ...openaiUsage(counts),
        });
      case "/v1/completions":
        return this.#completion(body, counts, fault);
      case "/predict":
        return Response.json(
          (body.inputs as string[][]).map(([text]) => [{
            label: "LABEL_0",
            score: body.raw_scores ? rawScore(text) : sigmoid(rawScore(text)),
          }]),
        );
      case "/classify": {
        const squash = body.use_activation === true;
        const inputs = (body.text ?? body.input ?? [body.messages]) as unknown[];
        const scores = inputs.map((each) => squash ? sigmoid(rawScore(each)) : rawScore(each));
        return Response.json(
          body.text
            ? scores.map((score) => ({ embedding: [score] }))
            : { data: scores.map((score, index) => ({ index, probs: [score] })) },
        );
      }
    }
    if (path.includes(":generateContent")) {
      return Response.json({
        candidates: [{ finishReason: "STOP", content: { role: "model", parts: [{ text }] } }],
        ...(counts
          ? {
            usageMetadata: {
              promptTokenCount: counts.prompt,
              candidatesTokenCount: counts.completion,
            },
          }
          : {}),
      });
    }
    return new Response("not found", { status: 404 });
  }

  #completion(body: Json, counts: Counts | undefined, fault?: Fault): Response {
    const stop = body.stop as string[];
    const text = fault === "malformed" ? "no tags" : fault === "empty" ? "" : COMPLETION;
    if (body.stream) return streamed(text);
    const at = Math.min(...stop.map((each) => text.indexOf(each)).filter((each) => each >= 0));
    const found = stop.find((each) => text.startsWith(each, at)) ?? "";
    const kept = this.how.stops !== "lost" ? found : "";
    const choice = {
      text: at === Infinity ? text : text.slice(0, at) + kept,
      finish_reason: "stop",
    };
    return Response.json({
      choices: Array.from({ length: Number(body.n) }, (_, index) => ({ index, ...choice })),
      ...openaiUsage(String(body.prompt).length === 1 ? { prompt: 1, completion: 8 } : counts),
    });
  }
}

interface Counts {
  prompt: number;
  completion: number;
}

function openaiUsage(counts: Counts | undefined) {
  if (!counts) return {};
  return { usage: { prompt_tokens: counts.prompt, completion_tokens: counts.completion } };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const rawScore = (input: unknown) => JSON.stringify(input).length / 7 - 20;

function streamed(text: string): Response {
  const events = [...text].map((letter) => ({ choices: [{ text: letter, finish_reason: null }] }));
  const end = { choices: [{ text: "", finish_reason: "stop" }] };
  const lines = [...events, end].map((event) => `data: ${JSON.stringify(event)}\n\n`);
  return new Response(`${lines.join("")}data: [DONE]\n\n`, {
    headers: { "content-type": "text/event-stream" },
  });
}

/** A body whose connection breaks in the middle. */
function cutShort(): Response {
  let sent = false;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (sent) controller.error(new TypeError("connection closed before message completed"));
        else controller.enqueue(new TextEncoder().encode('{"choices": [{"text": "hal'));
        sent = true;
      },
    }),
    { headers: { "content-type": "application/json" } },
  );
}

/** A body without an end. */
function endless(stream: boolean): Response {
  const line = stream
    ? `data: {"choices":[{"text":"${"x".repeat(60_000)}"}]}\n\n`
    : " ".repeat(65_536);
  const bytes = new TextEncoder().encode(line);
  return new Response(
    new ReadableStream({ pull: (controller) => controller.enqueue(bytes) }),
    { headers: { "content-type": stream ? "text/event-stream" : "application/json" } },
  );
}
