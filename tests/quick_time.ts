/** A context whose clock runs many times as fast: waits of minutes take a second or two. */
import type { StageContext } from "../lib/core/context.ts";

export function quickTime(
  times: number,
  overrides: Partial<StageContext> = {},
): Partial<StageContext> & { lines: string[] } {
  const lines: string[] = [];
  const start = Date.now();
  return {
    lines,
    log: (line) => lines.push(line),
    env: () => undefined,
    now: () => start + (Date.now() - start) * times,
    monotonic: () => performance.now() * times,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", stop);
          resolve();
        }, ms / times);
        const stop = () => {
          clearTimeout(timer);
          reject(signal!.reason);
        };
        signal?.addEventListener("abort", stop, { once: true });
      }),
    progress: "none",
    ...overrides,
  };
}
