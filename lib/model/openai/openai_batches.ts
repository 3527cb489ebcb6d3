/** OpenAI's Batch API: the few calls, each bounded in time. */
import { toFile } from "openai";
import type OpenAI from "openai";
import type { BatchApi, BatchState, RemoteBatch } from "../batch/batch_api.ts";
import { findSince, providerCalls, UPLOAD_MS } from "../batch/provider_calls.ts";
import type { ChatRequest } from "../chat_model.ts";
import { BATCH_ENDPOINT, batchLine, batchResult } from "./batch_lines.ts";
import { openaiApi } from "./openai_api.ts";
import { openaiBody, type OpenaiChatOptions } from "./openai_chat.ts";
import { openaiClients } from "./openai_client.ts";
import { openaiError } from "./openai_error.ts";
import { openaiParameters, refusedParameter } from "./openai_parameters.ts";

/** Where our name for a job stands in a batch's metadata. */
const NAME = "thinkset_job";
type Batch = OpenAI.Batches.Batch;

/** Batches of OpenAI, on its SDK. */
export function openaiBatches(options: OpenaiChatOptions): BatchApi {
  const { provider = "openai", model, apiKey, now = Date.now, log } = options;
  const client = openaiClients(options)[0]!;
  const api = openaiApi(options);
  const parameters = openaiParameters({ provider, model, log }, api);

  const known = (error: unknown) =>
    openaiError(error, { model, now: now(), key: apiKey, keyName: options.keyName });
  const { call, create, lines } = providerCalls(known, options.timeoutMs);
  const bodyOf = (request: ChatRequest) => openaiBody(request, options, api);

  return {
    provider,
    line: (customId, request) => batchLine(customId, api, parameters.without(bodyOf(request))),
    async upload(name, lines, signal) {
      const file = await toFile(new Blob(lines), `${name}.jsonl`, { type: "application/jsonl" });
      const send = (signal: AbortSignal) =>
        client.files.create({ file, purpose: "batch" }, { signal });
      return (await call(signal, send, UPLOAD_MS)).id;
    },
    create(name, file, signal) {
      const request = {
        input_file_id: file,
        endpoint: BATCH_ENDPOINT[api],
        completion_window: "24h" as const,
        metadata: { [NAME]: name },
      };
      const send = async (signal: AbortSignal) =>
        remote(await client.batches.create(request, { signal }));
      return create(signal, send);
    },
    find: (name, since, signal) =>
      call(signal, async (signal) => {
        const found = await findSince(client.batches.list({ limit: 100 }, { signal }), since, {
          isOurs: ({ metadata }) => metadata?.[NAME] === name,
          madeAt: ({ created_at }) => created_at * 1000,
        });
        return found && remote(found);
      }, UPLOAD_MS),
    get: async (id, signal) =>
      remote(await call(signal, (signal) => client.batches.retrieve(id, { signal }))),
    async *results(batch, requestOf, signal) {
      const open = (file: string, signal: AbortSignal) => client.files.content(file, { signal });
      for await (const line of lines(batch.files, signal, open)) {
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
    },
  };
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
