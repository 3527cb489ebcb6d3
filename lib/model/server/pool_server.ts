/** One server of a pool, and how busy it is. */

/** What a pool knows of one of its servers. */
export interface PoolServer {
  readonly url: string;
  alive: boolean;
  asideMs: number;
  inFlight: number;
  /** Calls that were in flight at once, of late: what this server is used to. */
  peak: number;
  /** Mean time of a reply, of late; 0 before the first. */
  meanMs: number;
  /** Calls given up by their caller since the last reply: a server that hangs. */
  timeouts: number;
}

/** A server that nothing is known of yet. */
export function poolServer(url: string, asideMs: number): PoolServer {
  return { url, alive: true, asideMs, inFlight: 0, peak: 0, meanMs: 0, timeouts: 0 };
}

/** The live server with the fewest calls in flight; undefined where there is none. */
export function leastLoaded(
  servers: readonly PoolServer[],
  except?: ReadonlySet<PoolServer>,
): PoolServer | undefined {
  let best: PoolServer | undefined;
  for (const server of servers) {
    if (server.alive && !except?.has(server) && (!best || server.inFlight < best.inFlight)) {
      best = server;
    }
  }
  return best;
}

/** Takes a reply's time into what a server is known for. */
export function replied(server: PoolServer, ms: number, asideMs: number): void {
  server.meanMs = server.meanMs === 0 ? ms : 0.9 * server.meanMs + 0.1 * ms;
  server.timeouts = 0;
  server.asideMs = asideMs;
}
