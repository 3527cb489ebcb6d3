/** A policy on vLLM, or on any server with OpenAI's `/v1/completions`. */
import { pooledCall } from "../server/pooled_call.ts";
import type { ServerOptions } from "../server/server_client.ts";
import { versionOf } from "../server/served_reward.ts";
import type { Completion, CompletionRequest, TextModel } from "../text_model.ts";
import { CompletionServer, type ServedCompletions } from "./completion_server.ts";
import { openServed } from "./served_models.ts";
import { askSlots } from "./server_slots.ts";

/** How a served policy is reached. */
export interface VllmTextOptions extends ServerOptions, ServedCompletions {
  /** Replies asked for a prompt, by which the requests in flight are bounded. Default 1. */
  n?: number;
}

/**
 * Opens a policy on one or more servers. `/v1/models` is asked at once: throws `InputError` in one
 * line where nothing answers or the name is another. A server wants its key in VLLM_API_KEY.
 *
 * What OpenAI-compatible servers differ in (n, BOS, stop strings) is found out by first requests,
 * not by the server's name. A prompt that does not fit is `reject` / `context_overflow`.
 */
export async function vllmText(options: VllmTextOptions): Promise<TextModel> {
  const { name, n: replies = 1, context } = options;
  const { client, pool, served } = await openServed(options);
  const slots = await Promise.all([...served.keys()].map((url) => askSlots(client, url)));
  const sequences = slots.reduce((sum, each) => sum + each, 0) * pool.size / served.size;
  const servers = new Map<string, CompletionServer>();
  const serverAt = (url: string) => {
    const server = servers.get(url) ??
      new CompletionServer(client, url, options, served.get(url)?.maxModelLen);
    servers.set(url, server);
    return server;
  };
  const call = pooledCall<CompletionRequest, Completion[]>(
    pool,
    context,
    (url, request, signal) => serverAt(url).complete({ ...request, signal }),
  );
  return {
    name,
    version: versionOf(served.values()),
    concurrency: Math.ceil(sequences / replies),
    async complete(request) {
      // Greedy replies are all the same, and vLLM refuses n > 1 for them.
      const n = request.temperature === 0 ? 1 : request.n;
      const completions = await call({ ...request, n }, request.signal);
      return Array.from({ length: request.n }, (_, index) => completions[index % n]!);
    },
    close() {
      pool.close();
      return Promise.resolve();
    },
  };
}
