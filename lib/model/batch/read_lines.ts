/** The lines of a file of results as they come in, each wait bounded. */
import { ModelError } from "../../core/errors.ts";
import { withTimeLimit } from "../../run/time_limit.ts";

/**
 * The lines of a reply's body. Throws a `retry` where nothing comes for `idleMs` milliseconds or
 * the download breaks off.
 */
export async function* readLines(
  response: Response,
  idleMs: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (!response.body) throw new ModelError("retry", "a file of results with nothing in it");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await withTimeLimit(idleMs, signal, () => reader.read());
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    if (signal.aborted || error instanceof ModelError) throw error;
    throw new ModelError("retry", "a file of results broke off", { cause: error });
  } finally {
    reader.cancel().catch(() => {});
  }
  if (rest !== "") yield rest;
}
