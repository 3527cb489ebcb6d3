/** The port to a provider's batches. Types only; adapters live beside their live calls. */
import type { ModelError } from "../../core/errors.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";

/** What has become of a batch. `cancelled` was the user's doing, at the provider. */
export type BatchState = "running" | "completed" | "failed" | "expired" | "cancelled";

/** A batch as the provider tells of it. */
export interface RemoteBatch {
  /** The provider's id. */
  id: string;
  state: BatchState;
  /** The provider's own word for the state, and requests done, for the log. */
  status: string;
  /** Files of results, where there are any. */
  files: string[];
  /** Why it failed as a whole. `tooMuch`: more is queued there than the account may. */
  failure?: { message: string; tooMuch: boolean };
}

/** What a batch says of one request. */
export type BatchResult =
  | { customId: string; reply: ChatReply }
  | { customId: string; error: ModelError };

/**
 * The calls of a provider's batches. Each is bounded in time by the adapter and made once: asking
 * again is the caller's. All throw `ModelError`.
 */
export interface BatchApi {
  /** As users know it: `openai`. */
  readonly provider: string;
  /** A request's line in the file that is uploaded, with its newline. */
  line(customId: string, request: ChatRequest): string;
  upload(name: string, lines: string[], signal: AbortSignal): Promise<string>;
  /**
   * Makes a batch under our name. `refused` where the provider says that it made none; what is
   * thrown leaves open whether there is one.
   */
  create(
    name: string,
    file: string,
    signal: AbortSignal,
  ): Promise<RemoteBatch | { refused: ModelError }>;
  /** The batch that was made under our name, among those since a moment (milliseconds). */
  find(name: string, since: number, signal: AbortSignal): Promise<RemoteBatch | undefined>;
  get(id: string, signal: AbortSignal): Promise<RemoteBatch>;
  /** The results that there are, as they come in, of whichever requests; `requestOf` knows ours. */
  results(
    batch: RemoteBatch,
    requestOf: (customId: string) => ChatRequest | undefined,
    signal: AbortSignal,
  ): AsyncIterable<BatchResult>;
}
