/** What the batches of all providers have in common: calls bounded in time, their errors sorted. */
import { messageOf, ModelError } from "../../core/errors.ts";
import { withTimeLimit } from "../../run/time_limit.ts";
import type { ChatReply } from "../chat_model.ts";
import type { BatchResult, RemoteBatch } from "./batch_api.ts";
import { readLines } from "./read_lines.ts";

/** Calls are short, unlike what they are about; a file of 200 MB takes its time. */
const CALL_MS = 120_000;
export const UPLOAD_MS = 1_800_000;
/** Clocks differ: a batch may seem to be older than the job that it was made for. */
const CLOCKS_MS = 86_400_000;

type Send<T> = (signal: AbortSignal) => Promise<T>;

/**
 * The calls of an adapter, each made once.
 *
 * @param known turns what a provider's SDK threw into a `ModelError`
 * @param timeoutMs of the user's; a call takes two minutes at most all the same
 */
export function providerCalls(known: (error: unknown) => ModelError, timeoutMs = CALL_MS) {
  const shortMs = Math.min(timeoutMs, CALL_MS);
  const call = async <T>(signal: AbortSignal, send: Send<T>, ms = shortMs): Promise<T> => {
    try {
      return await withTimeLimit(ms, signal, send);
    } catch (error) {
      signal.throwIfAborted();
      throw known(error);
    }
  };
  return {
    call,
    /** Makes a batch: `refused` where the provider says that it made none. */
    async create(signal: AbortSignal, send: Send<RemoteBatch>) {
      try {
        return await withTimeLimit(shortMs, signal, send);
      } catch (error) {
        signal.throwIfAborted();
        if (saysNone(error)) return { refused: known(error) };
        throw known(error);
      }
    },
    /** The lines of files of results. The limit of `open` ends with the headers; each wait has one. */
    async *lines(
      files: readonly string[],
      signal: AbortSignal,
      open: (file: string, signal: AbortSignal) => Promise<Response>,
    ): AsyncGenerator<string> {
      for (const file of files) {
        const send = (ended: AbortSignal) => open(file, AbortSignal.any([signal, ended]));
        yield* readLines(await call(signal, send), shortMs, signal);
      }
    },
  };
}

/** What a batch says of a request whose reply it holds; one that cannot be read is asked for again. */
export function readResult(customId: string, read: () => ChatReply): BatchResult {
  try {
    return { customId, reply: read() };
  } catch (error) {
    const known = error instanceof ModelError ? error : new ModelError("retry", messageOf(error));
    return { customId, error: known };
  }
}

/** The batch among those of a list, newest first: one that is older than its job is none of ours. */
export async function findSince<B>(
  batches: AsyncIterable<B>,
  since: number,
  { isOurs, madeAt }: { isOurs: (batch: B) => boolean; madeAt: (batch: B) => number },
): Promise<B | undefined> {
  for await (const batch of batches) {
    if (isOurs(batch)) return batch;
    if (madeAt(batch) < since - CLOCKS_MS) return undefined;
  }
  return undefined;
}

/** Whether an error says that nothing was made: a refusal, not a loss on the way. */
function saysNone(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408 &&
    status !== 409;
}
