/** Gemini's batches, by `@google/genai`: the few calls, each bounded in time. */
import type { BatchJob, HttpOptions } from "@google/genai";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { jsonValue } from "../../core/json_value.ts";
import type { BatchApi, BatchResult, BatchState, RemoteBatch } from "../batch/batch_api.ts";
import { findSince, providerCalls, readResult, UPLOAD_MS } from "../batch/provider_calls.ts";
import { guardedFetch, type GuardedInit } from "../call/guarded_fetch.ts";
import { API_VERSION, genaiClient } from "./genai.ts";
import { baseUrlsOf, type GeminiChatOptions } from "./gemini_chat.ts";
import { geminiError } from "./gemini_error.ts";
import { geminiName, geminiReply, geminiRequest } from "./translate.ts";

/** Batches of Gemini. A job is known by its display name. */
export function geminiBatches(options: GeminiChatOptions): BatchApi {
  const { apiKey, fetch: send = globalThis.fetch } = options;
  const model = geminiName(options.model);
  const baseUrl = baseUrlsOf(options.baseUrls)[0]!;
  const guarded = guardedFetch(send);
  // The SDK's own waits for an upload take no signal, but its requests end with the process.
  const client = genaiClient({ model, apiKey, baseUrl }, {
    fetch: guarded as HttpOptions["fetch"],
  });

  const known = (error: unknown) =>
    geminiError(error, { model, key: apiKey, retryAfterMs: undefined });
  const { call, create, lines } = providerCalls(known, options.timeoutMs);

  return {
    provider: "gemini",
    line: (key, request) => `${JSON.stringify({ key, request: geminiRequest(request, model) })}\n`,
    async upload(displayName, lines, signal) {
      const file = new Blob(lines, { type: "application/jsonl" });
      const config = { displayName, mimeType: "application/jsonl" };
      const made = await call(signal, () => client.files.upload({ file, config }), UPLOAD_MS);
      if (!made.name) throw new ModelError("retry", "an upload without a name");
      return made.name;
    },
    create: (displayName, src, signal) =>
      create(
        signal,
        async (abortSignal) =>
          remote(await client.batches.create({ model, src, config: { displayName, abortSignal } })),
      ),
    find: (name, since, signal) =>
      call(signal, async (abortSignal) => {
        const config = { pageSize: 100, abortSignal };
        const found = await findSince(await client.batches.list({ config }), since, {
          isOurs: ({ displayName }) => displayName === name,
          madeAt: ({ createTime }) => Date.parse(createTime ?? ""),
        });
        return found && remote(found);
      }, UPLOAD_MS),
    get: async (name, signal) =>
      remote(
        await call(signal, (abortSignal) => client.batches.get({ name, config: { abortSignal } })),
      ),
    async *results(batch, _requestOf, signal) {
      // The SDK downloads to a file only; this is the same address, read as it comes.
      const open = async (file: string, signal: AbortSignal) => {
        const url = `${baseUrl}/download/${API_VERSION}/${file}:download?alt=media`;
        const init: GuardedInit = {
          headers: { "x-goog-api-key": apiKey },
          maxBytes: Infinity,
          signal,
        };
        const response = await guarded(url, init);
        if (response.ok) return response;
        throw Object.assign(new Error(await response.text()), { status: response.status });
      };
      for await (const line of lines(batch.files, signal, open)) {
        const result = resultOf(line, known);
        if (result) yield result;
      }
    },
  };
}

const STATES: Record<string, BatchState> = {
  JOB_STATE_SUCCEEDED: "completed",
  JOB_STATE_PARTIALLY_SUCCEEDED: "completed",
  JOB_STATE_FAILED: "failed",
  JOB_STATE_CANCELLED: "cancelled",
  JOB_STATE_EXPIRED: "expired",
};

function remote(job: BatchJob): RemoteBatch {
  const state = STATES[job.state ?? ""] ?? "running";
  const file = job.dest?.fileName;
  return {
    id: job.name!,
    state,
    status: (job.state ?? "unknown").replace("JOB_STATE_", "").toLowerCase(),
    files: file ? [file] : [],
    ...(state === "failed"
      ? { failure: { message: job.error?.message ?? "no reason was given", tooMuch: false } }
      : {}),
  };
}

const Line = z.object({
  key: z.string(),
  response: z.unknown().optional(),
  error: z.object({ code: z.number().nullish(), message: z.string().nullish() }).nullish(),
});

/** Google's codes of errors (google.rpc.Code) that may pass, and the status that each stands for. */
const STATUS: Record<number, number> = { 4: 504, 8: 429, 10: 409, 13: 500, 14: 503 };

function resultOf(text: string, known: (error: unknown) => ModelError): BatchResult | undefined {
  const { data: line } = Line.safeParse(jsonValue(text));
  if (line === undefined) return undefined;
  const { key: customId, response, error } = line;
  if (error || !response) {
    const code = error?.code ?? 500;
    // Any other of Google's codes is the request's own fault.
    const status = STATUS[code] ?? (code < 100 ? 400 : code);
    const failure = Object.assign(new Error(error?.message ?? "no reply"), { status });
    return { customId, error: known(failure) };
  }
  return readResult(customId, () => geminiReply(response));
}
