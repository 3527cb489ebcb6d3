/** One continuation as it is written, ended here at the first stop string. */
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { connectionError } from "../server/server_error.ts";
import type { Completion } from "../text_model.ts";
import { finishReasonOf } from "./completion_wire.ts";

const Chunk = z.object({
  choices: z.array(z.object({ text: z.string().default(""), finish_reason: z.string().nullish() })),
});

/**
 * Reads a streamed completion until it ends or holds a stop string, which stays in the text; the
 * stream is then cancelled, upon which servers stop writing. For servers that neither keep nor
 * name the stop string: a text that ended by EOS cannot be taken for one that was stopped.
 *
 * Tokens are counted as the chunks that hold text. Throws `ModelError`, and the signal's reason once
 * that is aborted: a stream that is cancelled says nothing about its server.
 */
export async function readStreamedCompletion(
  url: string,
  stream: ReadableStream<Uint8Array>,
  stop: readonly string[],
  signal?: AbortSignal,
): Promise<Completion> {
  let text = "", tokens = 0;
  try {
    for await (const data of eventData(url, stream, signal)) {
      const choice = parsed(url, data)?.choices[0];
      if (!choice) continue;
      const before = text.length;
      text += choice.text;
      if (choice.text !== "") tokens++;
      const end = stopEnd(text, before, stop);
      if (end >= 0) {
        return { text: text.slice(0, end), finishReason: "stop", completionTokens: tokens };
      }
      if (choice.finish_reason) {
        const finishReason = finishReasonOf(choice.finish_reason);
        return { text, finishReason, completionTokens: tokens };
      }
    }
  } finally {
    await stream.cancel().catch(() => {});
  }
  signal?.throwIfAborted();
  throw new ModelError("retry", `${url}/v1/completions: the stream ended before the reply did`);
}

/** Where the first stop string ends that the text holds since `from`, or -1. */
function stopEnd(text: string, from: number, stop: readonly string[]): number {
  let first = Infinity, end = -1;
  for (const each of stop) {
    const at = text.indexOf(each, Math.max(0, from - each.length + 1));
    if (at >= 0 && at < first) {
      first = at;
      end = at + each.length;
    }
  }
  return end;
}

function parsed(url: string, data: string): z.infer<typeof Chunk> | undefined {
  try {
    return Chunk.parse(JSON.parse(data));
  } catch {
    throw new ModelError("retry", `${url}/v1/completions: the stream holds what is no completion`);
  }
}

/** The data lines of server-sent events, up to `[DONE]`. */
async function* eventData(
  url: string,
  stream: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        signal?.throwIfAborted();
        throw connectionError(url, error);
      });
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const data = line.slice(5).trim();
        if (data === "[DONE]") return;
        yield data;
      }
    }
  } finally {
    reader.releaseLock();
  }
}
