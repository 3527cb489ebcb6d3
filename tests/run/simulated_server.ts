/** A server with a limit of its own in simulated time: no test waits. */
import type { ConcurrencyLimit, Outcome } from "../../lib/run/concurrency_limit.ts";

export interface SimulatedServer {
  /** Served at once; what comes beyond is refused. */
  capacity: (ms: number) => number;
  latencyMs: number;
  refusalMs: number;
  /** How long a refused client waits before it asks again. */
  backoffMs: number;
  /** Refuses at random besides, by the number of the request. */
  noise?: (request: number) => boolean;
}

/** Sends `total` items through the limit; a refused item is sent again. */
export async function simulate(limit: ConcurrencyLimit, server: SimulatedServer, total: number) {
  const events: { at: number; run: () => void }[] = [];
  let now = 0, busy = 0, requests = 0, refusals = 0, done = 0;
  const limits: number[] = [];
  const at = (ms: number, run: () => void) => events.push({ at: now + ms, run });

  const item = async () => {
    for (;;) {
      await limit.acquire();
      const refuse = busy >= server.capacity(now) || server.noise?.(requests) === true;
      requests++;
      if (!refuse) busy++;
      const outcome = await new Promise<Outcome>((resolve) =>
        at(refuse ? server.refusalMs : server.latencyMs, () => resolve(refuse ? "throttled" : "ok"))
      );
      if (outcome === "ok") busy--;
      limit.release(outcome);
      if (outcome === "ok") break;
      refusals++;
      await new Promise<void>((resolve) => at(server.backoffMs, resolve));
    }
    done++;
    limits.push(limit.current);
  };

  const items = Array.from({ length: total }, item);
  await flush();
  while (done < total) {
    events.sort((a, b) => b.at - a.at);
    const next = events.pop();
    if (next === undefined) throw new Error("nothing is under way");
    now = next.at;
    next.run();
    await flush();
  }
  await Promise.all(items);
  return { ms: now, requests, refusals, limits };
}

async function flush(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await Promise.resolve();
}
