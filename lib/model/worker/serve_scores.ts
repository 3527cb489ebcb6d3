/** The inside of a scoring worker: items come in a list, one message an item goes back. */
import type { FromWorker, WorkerRequest, WorkerScore } from "./messages.ts";

/** The part of a worker's global scope that is used here. */
interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
}

/** Says that it is ready, then scores what comes: `score` gives one score an item, in order. */
export function serveScores(
  score: (request: WorkerRequest) => Iterable<WorkerScore> | AsyncIterable<WorkerScore>,
  about: { name?: string; version?: string } = {},
): void {
  const scope = self as unknown as Scope;
  scope.onmessage = async ({ data }) => {
    try {
      for await (const scored of score(data)) scope.postMessage({ scored });
    } catch (error) {
      scope.postMessage({ failed: wordsOf(error) });
    }
  };
  scope.postMessage({ ready: about });
}

/** Says that nothing can be scored here. */
export function refuseScores(error: unknown): void {
  (self as unknown as Scope).postMessage({ unusable: wordsOf(error) });
}

/** What was thrown may be anything, and hostile. */
function wordsOf(error: unknown): string {
  try {
    return String(error instanceof Error ? `${error.name}: ${error.message}` : error);
  } catch {
    return "something that cannot be shown was thrown";
  }
}
