/** Says so when requests are out and nothing comes back. */
import type { StageContext } from "../core/context.ts";

/** How long silence may last. */
export interface StallWatchOptions extends Pick<StageContext, "now" | "log"> {
  /** Silence after which a line is logged, and again each time as much has passed. Default 60,000. */
  quietMs?: number;
  /** What is given up on its own, for the line. */
  timeoutMs: number;
}

/** Watches requests in flight. */
export interface StallWatch {
  /** A request goes out; call what is returned when it ends. */
  enter(): () => void;
  close(): void;
}

/** A watch that logs a line while requests are out and none comes back. */
export function stallWatch(options: StallWatchOptions): StallWatch {
  const { now, log, quietMs = 60_000, timeoutMs } = options;
  const since = new Map<symbol, number>();
  let lastEvent = now(), toldAt = 0;
  const timer = setInterval(() => {
    const silent = now() - Math.max(lastEvent, toldAt);
    if (since.size === 0 || silent < quietMs) return;
    toldAt = now();
    const oldest = Math.round((now() - Math.min(...since.values())) / 1000);
    const total = Math.round((now() - lastEvent) / 1000);
    log(
      `nothing has come back for ${total} s: ${since.size} requests are out, the oldest for ` +
        `${oldest} s; each is given up after ${timeoutMs / 1000} s and asked again`,
    );
  }, Math.min(quietMs, 5_000));
  Deno.unrefTimer(timer);
  return {
    enter() {
      const request = Symbol();
      since.set(request, now());
      if (since.size === 1) lastEvent = now();
      return () => {
        since.delete(request);
        lastEvent = now();
      };
    },
    close: () => clearInterval(timer),
  };
}
