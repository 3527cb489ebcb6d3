/** OpenAI's Batch API: the few calls, each bounded in time. */
import { APIConnectionError, APIError, toFile } from "openai";
import type OpenAI from "openai";
import { withTimeLimit } from "../../run/time_limit.ts";
import type { BatchApi, BatchState, RemoteBatch } from "../batch/batch_api.ts";
import { readLines } from "../batch/read_lines.ts";
import type { ChatRequest } from "../chat_model.ts";
import { BATCH_ENDPOINT, batchLine, batchResult } from "./batch_lines.ts";
import { openaiApi } from "./openai_api.ts";
import { openaiBody, type OpenaiChatOptions } from "./openai_chat.ts";
import { openaiClients } from "./openai_client.ts";
import { openaiError } from "./openai_error.ts";
import { openaiParameters, refusedParameter } from "./openai_parameters.ts";

/** Where our name for a job stands in a batch's metadata. */
const NAME = "thinkset_job";
/** Calls are short, unlike what they are about; a file of 200 MB takes its time. */
const CALL_MS = 120_000;
const UPLOAD_MS = 1_800_000;
/** Clocks differ: a batch may seem to be older than the job that it was made for. */
const CLOCKS_MS = 86_400_000;

type Batch = OpenAI.Batches.Batch;

/** Batches of OpenAI, on its SDK. */
export function openaiBatches(options: OpenaiChatOptions): BatchApi {
  const { model, apiKey, now = Date.now, log } = options;
  const timeoutMs = Math.min(options.timeoutMs ?? CALL_MS, CALL_MS);
  const client = openaiClients(options)[0]!;
  const api = openaiApi(options);
  const parameters = openaiParameters(model, api, log);

  const known = (error: unknown) =>
    openaiError(error, { model, now: now(), key: apiKey, keyName: options.keyName });
  const call = async <T>(
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<T>,
    ms = timeoutMs,
  ): Promise<T> => {
    try {
      return await withTimeLimit(ms, signal, send);
    } catch (error) {
      signal.throwIfAborted();
      throw known(error);
    }
  };
  const bodyOf = (request: ChatRequest) => openaiBody(request, options, api);

  return {
    provider: "openai",
    line: (customId, request) => batchLine(customId, api, parameters.without(bodyOf(request))),
    async upload(name, lines, signal) {
      const file = await toFile(new Blob(lines), `${name}.jsonl`, { type: "application/jsonl" });
      const send = (signal: AbortSignal) =>
        client.files.create({ file, purpose: "batch" }, { signal });
      return (await call(signal, send, UPLOAD_MS)).id;
    },
    async create(name, file, signal) {
      const request = {
        input_file_id: file,
        endpoint: BATCH_ENDPOINT[api],
        completion_window: "24h" as const,
        metadata: { [NAME]: name },
      };
      try {
        const send = (signal: AbortSignal) => client.batches.create(request, { signal });
        return remote(await withTimeLimit(timeoutMs, signal, send));
      } catch (error) {
        signal.throwIfAborted();
        if (saysNone(error)) return { refused: known(error) };
        throw known(error);
      }
    },
    find: (name, since, signal) =>
      call(signal, async (signal) => {
        // Newest first: what is older than the job cannot be its batch.
        for await (const batch of client.batches.list({ limit: 100 }, { signal })) {
          if (batch.metadata?.[NAME] === name) return remote(batch);
          if (batch.created_at * 1000 < since - CLOCKS_MS) return undefined;
        }
        return undefined;
      }, UPLOAD_MS),
    get: async (id, signal) =>
      remote(await call(signal, (signal) => client.batches.retrieve(id, { signal }))),
    async *results(batch, requestOf, signal) {
      for (const file of batch.files) {
        // The client's time limit ends with the headers; each wait for more of the body has its own.
        const send = (ended: AbortSignal) =>
          client.files.content(file, { signal: AbortSignal.any([signal, ended]) });
        const response = await call(signal, send);
        for await (const line of readLines(response, timeoutMs, signal)) {
          const result = batchResult(line, { api, model, key: apiKey, requestOf });
          if (result === null) continue;
          if (!("refusal" in result)) {
            yield result;
            continue;
          }
          // What is learnt here is left out of the next batch, which takes this request again.
          const request = requestOf(result.customId);
          const learnt = request && refusedParameter(result.refusal) !== undefined
            ? parameters.learn(result.refusal, bodyOf(request))
            : undefined;
          yield { customId: result.customId, error: learnt ?? result.error };
        }
      }
    },
  };
}

/** Whether an error says that nothing was made: a refusal, not a loss on the way. */
function saysNone(error: unknown): boolean {
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return false;
  const status = error.status as number | undefined;
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 409;
}

const ENDED: Partial<Record<Batch["status"], BatchState>> = {
  completed: "completed",
  failed: "failed",
  expired: "expired",
  cancelled: "cancelled",
};

function remote(batch: Batch): RemoteBatch {
  const { id, status, request_counts: counts, output_file_id, error_file_id } = batch;
  const done = counts ? `, ${counts.completed} of ${counts.total}` : "";
  const error = batch.errors?.data?.[0];
  return {
    id,
    state: ENDED[status] ?? "running",
    status: `${status}${done}`,
    files: [output_file_id, error_file_id].filter((file) => typeof file === "string"),
    ...(error
      ? {
        failure: {
          message: [error.code, error.message].filter(Boolean).join(" "),
          tooMuch: error.code === "token_limit_exceeded",
        },
      }
      : {}),
  };
}
