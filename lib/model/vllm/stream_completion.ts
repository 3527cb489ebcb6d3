/** One continuation as it is written, ended here at the first stop string. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { jsonValue } from "../../core/json_value.ts";
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
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  stop: readonly string[],
  signal?: AbortSignal,
): Promise<Completion> {
  let text = "", tokens = 0;
  for await (const data of eventData(url, stream, signal)) {
    const chunk = Chunk.safeParse(jsonValue(data));
    if (!chunk.success) {
      throw new ModelError(
        "retry",
        `${url}/v1/completions: the stream holds what is no completion`,
      );
    }
    const choice = chunk.data.choices[0];
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

/** The data of server-sent events, up to `[DONE]`. Left early, it cancels the stream. */
async function* eventData(
  url: string,
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const events = stream.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await events.read().catch((error) => {
        signal?.throwIfAborted();
        throw connectionError(url, error);
      });
      if (done || value.data === "[DONE]") return;
      yield value.data;
    }
  } finally {
    await events.cancel().catch(() => {});
  }
}
