/**
 * A call to a model is one pipeline: a function that sends a request, and small wrappers around it,
 * each of which knows one rule (a limit, a pace, a price). Live requests and batches go through the
 * same list.
 *
 * None of them asks again: attempts belong to the stage runner alone, so that what one prompt can
 * cause is bounded however a server answers. See `request_bound.ts`.
 */
import type { ChatModel, ChatReply, ChatRequest } from "../chat_model.ts";

/** Sends a request; throws `ModelError`, or the signal's reason once it is aborted. */
export type Call<Q, R> = (request: Q, signal?: AbortSignal) => Promise<R>;

/** Adds one rule to a call. */
export type Wrapper<Q, R> = (next: Call<Q, R>) => Call<Q, R>;

/** A call within wrappers, the first of them outermost. */
export function wrapped<Q, R>(send: Call<Q, R>, wrappers: readonly Wrapper<Q, R>[]): Call<Q, R> {
  return wrappers.reduceRight((call, wrap) => wrap(call), send);
}

/** A chat model within wrappers; `close` ends what the wrappers hold. */
export function wrappedChat(
  model: ChatModel,
  wrappers: readonly Wrapper<ChatRequest, ChatReply>[],
  close: () => void = () => {},
): ChatModel {
  const call = wrapped<ChatRequest, ChatReply>(
    (request, signal) => model.reply({ ...request, signal }),
    wrappers,
  );
  return {
    ...model,
    reply: (request) => call(request, request.signal),
    async close() {
      close();
      await model.close();
    },
  };
}
