/**
 * A provider on loopback that keeps its own count and fails on purpose: OpenAI's Responses, chat
 * completions, files and batches, and Gemini's generateContent, by their documented shapes. Written
 * against those, not against the adapters.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Buffer } from "node:buffer";

/** Ways to fail; each is a share of requests, drawn by the request's number. */
export interface Faults {
  rateLimit?: number;
  serverError?: number;
  reset?: number;
  /** The body ends before its length: the connection breaks in the middle. */
  cutBody?: number;
  hang?: number;
  /** A complete reply without its tags. */
  malformed?: number;
  /** A reply that stops at the token limit. */
  length?: number;
}

/** What goes wrong with a call about batches. */
export interface BatchFault {
  /** Answered instead; with `after` what was asked for is done all the same. */
  status?: number;
  after?: boolean;
  /** The connection is closed without an answer. */
  reset?: boolean;
  /** No answer comes. */
  hang?: boolean;
  /** The body breaks off in the middle. */
  cut?: boolean;
}

export type BatchCall = "upload" | "create" | "list" | "poll" | "content";

export interface ScriptedProviderOptions {
  /** Told of each call about batches, counted by kind from 0. */
  batchFault?: (call: BatchCall, nth: number) => BatchFault | undefined;
  /** Lists leave out batches until so many calls have asked for a list. */
  listLag?: number;
  /** Parameters that requests are refused for, as reasoning models do. */
  refuseParameters?: string[];
  latencyMs?: number;
  /** Requests in flight beyond which 429 is answered at once. */
  capacity?: number;
  faults?: Faults;
  /** Answers everything with this status and OpenAI error body. */
  refuse?: { status: number; code: string; message: string };
  retryAfterSeconds?: number;
  /** Replies without their usage, as some compatible servers give them. */
  noUsage?: boolean;
  /** Replies of status 200 with a body of another kind. */
  unreadable?: boolean;
  /** Headers on every reply. */
  headers?: Record<string, string>;
  /** Text of a well-formed reply to a prompt's last message. */
  replyText?: (prompt: string) => string;
  port?: number;
}

export interface ProviderStats {
  requests: number;
  /** Complete 200 replies that went out: what the provider bills. */
  billed: number;
  promptTokens: number;
  completionTokens: number;
  injected: Record<string, number>;
  mostInFlight: number;
  /** 200 replies billed for each prompt, by the first line of its last message. */
  byPrompt: Record<string, number>;
  keys: string[];
  batches: number;
  batchLines: number;
}

export interface ScriptedProvider {
  /** Without `/v1`. */
  url: string;
  stats: ProviderStats;
  /** The batches that were made; a test may set `status` by hand. */
  batches: Map<string, { [field: string]: unknown }>;
  close(): Promise<void>;
}

const tokens = (text: string) => Math.ceil(Buffer.byteLength(text) / 4);

/** Draws a number in [0, 1) for the n-th request: the same for every run. */
function draw(n: number): number {
  let x = (n + 1) * 0x9e3779b1 >>> 0;
  x = Math.imul(x ^ x >>> 16, 0x85ebca6b);
  x = Math.imul(x ^ x >>> 13, 0xc2b2ae35);
  return ((x ^ x >>> 16) >>> 0) / 2 ** 32;
}

const WELL_FORMED = (prompt: string) =>
  `<think>\nThe user says: ${prompt.slice(0, 40)}\nSo a short reply will do.\n</think>\n` +
  `<response>\nHere is what I can say about it, number ${prompt.length}.\n</response>`;

export async function startScriptedProvider(
  options: ScriptedProviderOptions = {},
): Promise<ScriptedProvider> {
  const stats: ProviderStats = {
    requests: 0,
    billed: 0,
    promptTokens: 0,
    completionTokens: 0,
    injected: {},
    mostInFlight: 0,
    byPrompt: {},
    keys: [],
    batches: 0,
    batchLines: 0,
  };
  const { latencyMs = 0, capacity = Infinity, faults = {} } = options;
  const replyText = options.replyText ?? WELL_FORMED;
  const files = new Map<string, string>();
  const batches = new Map<string, { [field: string]: unknown }>();
  let inFlight = 0;

  const bill = (prompt: string, promptTokens: number, completionTokens: number) => {
    stats.billed++;
    stats.promptTokens += promptTokens;
    stats.completionTokens += completionTokens;
    const name = prompt.split("\n")[0]!;
    stats.byPrompt[name] = (stats.byPrompt[name] ?? 0) + 1;
  };

  const send = (response: ServerResponse, status: number, body: unknown, headers = {}) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      ...options.headers,
      ...headers,
    });
    response.end(text);
  };

  const fault = (n: number): string | undefined => {
    let at = draw(n);
    for (const [name, share] of Object.entries(faults)) {
      if (at < share) {
        stats.injected[name] = (stats.injected[name] ?? 0) + 1;
        return name;
      }
      at -= share;
    }
    return undefined;
  };

  const generate = async (
    wire: Wire,
    body: Record<string, unknown>,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const { prompt, whole } = wire.prompt(body);
    const kind = fault(stats.requests - 1);
    const later = { "retry-after": String(options.retryAfterSeconds ?? 1) };
    if (kind === "rateLimit") return send(response, 429, wire.error(429, "Slow down."), later);
    if (kind === "serverError") return send(response, 500, wire.error(500, "Oops."));
    if (kind === "reset") return void request.socket.destroy();
    if (kind === "hang") return;
    if (inFlight >= capacity) {
      stats.injected.capacity = (stats.injected.capacity ?? 0) + 1;
      return send(response, 429, wire.error(429, "Too many at once."), later);
    }
    inFlight++;
    stats.mostInFlight = Math.max(stats.mostInFlight, inFlight);
    await new Promise((resolve) => setTimeout(resolve, latencyMs));
    inFlight--;
    if (response.destroyed) return;
    let text = replyText(prompt);
    if (kind === "malformed") text = "I would rather not use tags.";
    if (kind === "length") text = text.slice(0, 30);
    const counts = { prompt: tokens(whole), completion: tokens(text) };
    if (options.unreadable) return send(response, 200, { object: "list", data: [] });
    const reply = wire.reply(text, counts, kind === "length") as Record<string, unknown>;
    if (options.noUsage) delete reply.usage;
    if (kind === "cutBody") {
      const cut = JSON.stringify(reply);
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(cut),
      });
      response.write(cut.slice(0, 40));
      return void setTimeout(() => request.socket.destroy(), 5);
    }
    bill(prompt, counts.prompt, counts.completion);
    send(response, 200, reply);
  };

  const calls: Partial<Record<BatchCall, number>> = {};
  const batch = async (path: string, request: IncomingMessage, response: ServerResponse) => {
    const kind: BatchCall = path === "/v1/files"
      ? "upload"
      : path.startsWith("/v1/files/")
      ? "content"
      : path !== "/v1/batches"
      ? "poll"
      : request.method === "GET"
      ? "list"
      : "create";
    const nth = calls[kind] ?? 0;
    calls[kind] = nth + 1;
    const fault = options.batchFault?.(kind, nth);
    if (!fault) return await answerBatch(path, request, response);
    if (fault.hang) return;
    const instead = () => {
      if (fault.reset) return void request.socket.destroy();
      send(response, fault.status!, wires.chat.error(fault.status!, `No, ${fault.status}.`));
    };
    if (fault.cut) {
      const content = files.get(path.split("/")[3]!)!;
      response.writeHead(200, { "content-length": Buffer.byteLength(content) });
      response.write(content.slice(0, content.length / 2));
      return void setTimeout(() => request.socket.destroy(), 20);
    }
    if (!fault.after) return instead();
    // Done, and the answer lost.
    const nowhere = { writeHead() {}, end() {}, destroyed: false } as unknown as ServerResponse;
    await answerBatch(path, request, nowhere);
    instead();
  };

  const answerBatch = async (path: string, request: IncomingMessage, response: ServerResponse) => {
    if (path === "/v1/files") {
      const form = await formOf(request);
      const id = `file-${files.size + 1}`;
      files.set(id, form);
      return send(response, 200, { id, object: "file", purpose: "batch", bytes: form.length });
    }
    const content = /^\/v1\/files\/([^/]+)\/content$/.exec(path);
    if (content) return send(response, 200, files.get(content[1]!) ?? "");
    if (path === "/v1/batches" && request.method === "GET") {
      const query = new URL(request.url!, "http://x").searchParams;
      const all = calls.list! > (options.listLag ?? 0) ? [...batches.values()].reverse() : [];
      const from = all.findIndex(({ id }) => id === query.get("after")) + 1;
      const data = all.slice(from, from + Number(query.get("limit") ?? 20)).map(publicBatch);
      const has_more = from + data.length < all.length;
      return send(response, 200, { object: "list", data, has_more, last_id: data.at(-1)?.id });
    }
    if (path === "/v1/batches") {
      const body = JSON.parse(await bodyOf(request));
      const id = `batch_${batches.size + 1}`;
      stats.batches++;
      const lines = files.get(body.input_file_id)!.trim().split("\n");
      stats.batchLines += lines.length;
      const created_at = Math.floor(Date.now() / 1000);
      const made = { id, object: "batch", status: "validating", created_at, ...body, lines };
      batches.set(id, made);
      return send(response, 200, publicBatch(made));
    }
    const one = /^\/v1\/batches\/([^/]+)$/.exec(path);
    const found = one && batches.get(one[1]!);
    if (!found) return send(response, 404, wires.chat.error(404, "No such batch."));
    if (found.status === "in_progress") completeBatch(found);
    if (found.status === "validating") found.status = "in_progress";
    return send(response, 200, publicBatch(found));
  };

  /** Runs a batch: its lines meet the same faults, and `expire` leaves the second half undone. */
  const completeBatch = (found: { [field: string]: unknown }) => {
    const out: string[] = [], errors: string[] = [];
    const lines = found.lines as string[];
    const until = found.expire ? Math.ceil(lines.length / 2) : lines.length;
    lines.forEach((line, index) => {
      const { custom_id, url, body } = JSON.parse(line);
      const wire = url === "/v1/responses" ? wires.responses : wires.chat;
      if (index >= until) {
        const error = { code: "batch_expired", message: "This request could not be executed." };
        return errors.push(JSON.stringify({ id: `r${index}`, custom_id, response: null, error }));
      }
      const { prompt, whole } = wire.prompt(body);
      const refused = options.refuseParameters?.find((name) => name in body);
      if (refused) {
        const message = `Unsupported parameter: '${refused}' is not supported with this model.`;
        const error = { message, type: "invalid_request_error", param: refused };
        const failed = {
          status_code: 400,
          body: { error: { ...error, code: "unsupported_parameter" } },
        };
        return errors.push(JSON.stringify({ custom_id, response: failed, error: null }));
      }
      if (fault(stats.requests++) === "serverError") {
        const failed = { status_code: 500, body: wire.error(500, "Oops.") };
        return errors.push(JSON.stringify({ custom_id, response: failed, error: null }));
      }
      const text = replyText(prompt);
      const counts = { prompt: tokens(whole), completion: tokens(text) };
      bill(prompt, counts.prompt, counts.completion);
      const reply = { status_code: 200, body: wire.reply(text, counts, false) };
      out.push(JSON.stringify({ id: `r${index}`, custom_id, response: reply, error: null }));
    });
    found.status = found.expire ? "expired" : "completed";
    out.reverse();
    found.output_file_id = put(out);
    found.error_file_id = put(errors);
    found.request_counts = { total: lines.length, completed: out.length, failed: errors.length };
  };
  const put = (lines: string[]): string | null => {
    if (lines.length === 0) return null;
    const id = `file-${files.size + 1}`;
    files.set(id, lines.join("\n") + "\n");
    return id;
  };

  const server = createServer(async (request, response) => {
    const path = request.url!.split("?")[0]!;
    if (path === "/stats") return send(response, 200, stats);
    const key = request.headers.authorization ?? request.headers["x-goog-api-key"];
    if (typeof key === "string" && !stats.keys.includes(key)) stats.keys.push(key);
    try {
      if (options.refuse) {
        stats.requests++;
        const { status, code, message } = options.refuse;
        return send(response, status, { error: { message, type: code, code, param: null } });
      }
      if (path.startsWith("/v1/files") || path.startsWith("/v1/batches")) {
        return await batch(path, request, response);
      }
      stats.requests++;
      const wire = path === "/v1/responses"
        ? wires.responses
        : path === "/v1/chat/completions"
        ? wires.chat
        : /^\/v1beta\/models\/[^/]+:generateContent$/.test(path)
        ? wires.gemini
        : undefined;
      if (!wire) return send(response, 404, wires.chat.error(404, "No such route."));
      await generate(wire, JSON.parse(await bodyOf(request)), request, response);
    } catch (error) {
      send(response, 500, wires.chat.error(500, String(error)));
    }
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((ready) => server.listen(options.port ?? 0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stats,
    batches,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function publicBatch({ lines: _, expire: __, ...fields }: { [field: string]: unknown }) {
  return fields;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString("utf8");
}

/** The file in a multipart upload. */
async function formOf(request: IncomingMessage): Promise<string> {
  const headers = { "content-type": request.headers["content-type"]! };
  const form = await new Response(await bodyOf(request), { headers }).formData();
  return await (form.get("file") as File).text();
}

interface Wire {
  prompt(body: Record<string, unknown>): { prompt: string; whole: string };
  reply(text: string, counts: { prompt: number; completion: number }, cut: boolean): unknown;
  error(status: number, message: string): unknown;
}

const chatPrompt = (messages: { role: string; content: string }[]) => ({
  prompt: messages.at(-1)!.content,
  whole: messages.map(({ content }) => content).join(""),
});
const openaiError = (status: number, message: string) => ({
  error: {
    message,
    type: status === 429 ? "requests" : "server_error",
    param: null,
    code: status === 429 ? "rate_limit_exceeded" : null,
  },
});

const wires: Record<"responses" | "chat" | "gemini", Wire> = {
  responses: {
    prompt: (body) => chatPrompt(body.input as { role: string; content: string }[]),
    reply: (text, counts, cut) => ({
      id: "resp_1",
      object: "response",
      status: cut ? "incomplete" : "completed",
      incomplete_details: cut ? { reason: "max_output_tokens" } : null,
      error: null,
      output: [{
        type: "message",
        id: "msg_1",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text, annotations: [] }],
      }],
      usage: {
        input_tokens: counts.prompt,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: counts.completion,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: counts.prompt + counts.completion,
      },
    }),
    error: openaiError,
  },
  chat: {
    prompt: (body) => chatPrompt(body.messages as { role: string; content: string }[]),
    reply: (text, counts, cut) => ({
      id: "chatcmpl-1",
      object: "chat.completion",
      choices: [{
        index: 0,
        message: { role: "assistant", content: text },
        finish_reason: cut ? "length" : "stop",
      }],
      usage: {
        prompt_tokens: counts.prompt,
        completion_tokens: counts.completion,
        total_tokens: counts.prompt + counts.completion,
      },
    }),
    error: openaiError,
  },
  gemini: {
    prompt: (body) => {
      const contents = body.contents as { parts: { text: string }[] }[];
      const texts = contents.map(({ parts }) => parts.map(({ text }) => text).join(""));
      return { prompt: texts.at(-1)!, whole: texts.join("") };
    },
    reply: (text, counts, cut) => ({
      candidates: [{
        content: { role: "model", parts: [{ text }] },
        finishReason: cut ? "MAX_TOKENS" : "STOP",
        index: 0,
      }],
      usageMetadata: {
        promptTokenCount: counts.prompt,
        candidatesTokenCount: counts.completion,
        totalTokenCount: counts.prompt + counts.completion,
      },
    }),
    error: (status, message) => ({
      error: {
        code: status,
        message,
        status: status === 429 ? "RESOURCE_EXHAUSTED" : "INTERNAL",
        details: status === 429
          ? [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1s" }]
          : [],
      },
    }),
  },
};

// Alone: `scripted_provider.ts '{"latencyMs":200}'` prints its address and serves `/stats`.
if (import.meta.main) {
  const provider = await startScriptedProvider(JSON.parse(Deno.args[0] ?? "{}"));
  console.log(provider.url);
}
