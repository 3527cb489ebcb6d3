/** Says so when requests are out and nothing comes back. */
import type { StageContext } from "../core/context.ts";
import { wasStopped } from "./time_limit.ts";

/** How long silence may last. */
export interface StallWatchOptions extends Pick<StageContext, "monotonic" | "log"> {
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
  const { monotonic, log, quietMs = 60_000, timeoutMs } = options;
  const since = new Map<symbol, number>();
  let lastEvent = monotonic(), toldAt = 0;
  const everyMs = Math.min(quietMs, 5_000);
  let lookedAt = monotonic();
  const timer = setInterval(() => {
    const last = lookedAt;
    lookedAt = monotonic();
    if (wasStopped(everyMs, lookedAt - last)) return;
    const silent = monotonic() - Math.max(lastEvent, toldAt);
    if (since.size === 0 || silent < quietMs) return;
    toldAt = monotonic();
    const oldest = Math.round((monotonic() - Math.min(...since.values())) / 1000);
    const total = Math.round((monotonic() - lastEvent) / 1000);
    log(
      `nothing has come back for ${total} s: ${since.size} requests are out, the oldest for ` +
        `${oldest} s; each is given up after ${timeoutMs / 1000} s and asked again`,
    );
  }, everyMs);
  Deno.unrefTimer(timer);
  return {
    enter() {
      const request = Symbol();
      since.set(request, monotonic());
      if (since.size === 1) lastEvent = monotonic();
      return () => {
        since.delete(request);
        lastEvent = monotonic();
      };
    },
    close: () => clearInterval(timer),
  };
}
