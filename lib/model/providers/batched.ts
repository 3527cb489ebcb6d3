/** A teacher whose replies come through a provider's batches. */
import type { StageContext } from "../../core/context.ts";
import type { BatchApi } from "../batch/batch_api.ts";
import type { BatchChatOptions } from "../batch/batch_chat.ts";
import type { ChatModel } from "../chat_model.ts";

/** The teacher behind a provider's batch API, its jobs kept in `options.folder`. */
export async function batched(
  api: BatchApi,
  options: Pick<BatchChatOptions, "model" | "apiKey" | "folder" | "binding">,
  context: StageContext,
): Promise<ChatModel> {
  const { batchChat } = await import("../batch/batch_chat.ts");
  const { signal, sleep, now, monotonic, log } = context;
  return batchChat(api, { ...options, signal, sleep, now, monotonic, log });
}
