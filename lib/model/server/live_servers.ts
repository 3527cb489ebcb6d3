/** The servers of a pool that answer, and the way back of those that were set aside. */
import type { StageContext } from "../../core/context.ts";
import { messageOf, ModelError } from "../../core/errors.ts";

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

/** How a pool is made. */
export interface ServerPoolOptions {
  /** Asks a server whether it is there; rejects where not. */
  probe: (url: string) => Promise<unknown>;
  context: Pick<StageContext, "log" | "monotonic" | "sleep">;
  /** A server that failed is asked again after this, then after twice as long. Default 1,000. */
  asideMs?: number;
  /** With no server left for so long the run ends. Default 300,000. */
  patienceMs?: number;
  /** The same where no call has ever been answered. Default 30,000. */
  startPatienceMs?: number;
}

const ASIDE_CAP_MS = 60_000;
const TIMEOUTS = 3;

/** Knows which servers answer, and asks the others again until they do. */
export class LiveServers {
  readonly all: readonly PoolServer[];
  readonly #options: Required<ServerPoolOptions>;
  readonly #closed = new AbortController();
  #revived = Promise.withResolvers<void>();
  /** A call has been answered. */
  #served = false;

  constructor(urls: readonly string[], options: ServerPoolOptions) {
    this.#options = { asideMs: 1_000, patienceMs: 300_000, startPatienceMs: 30_000, ...options };
    const fresh = { asideMs: this.#options.asideMs, inFlight: 0, peak: 0, meanMs: 0, timeouts: 0 };
    this.all = urls.map((url) => ({ url, alive: true, ...fresh }));
  }

  /** Is aborted when nothing is to be asked any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  close(): void {
    this.#closed.abort();
  }

  /** The one with the fewest calls in flight; undefined where none is left. */
  leastLoaded(except?: ReadonlySet<PoolServer>): PoolServer | undefined {
    let best: PoolServer | undefined;
    for (const server of this.all) {
      if (server.alive && !except?.has(server) && (!best || server.inFlight < best.inFlight)) {
        best = server;
      }
    }
    return best;
  }

  /** Waits for a server to come back. Throws a `fatal` `ModelError` where none does for too long. */
  async nextBack(signal?: AbortSignal): Promise<PoolServer> {
    const { monotonic, sleep } = this.#options.context, patienceMs = this.#patienceMs;
    const deadline = monotonic() + patienceMs;
    for (;;) {
      const left = deadline - monotonic();
      if (left <= 0) {
        const urls = this.all.map(({ url }) => url).join(", ");
        const seconds = Math.round(patienceMs / 1000);
        throw new ModelError("fatal", `no server has answered for ${seconds} s: ${urls}`);
      }
      const waiting = new AbortController();
      const either = signal ? AbortSignal.any([signal, waiting.signal]) : waiting.signal;
      await Promise.race([this.#revived.promise, sleep(left, either)])
        .finally(() => waiting.abort());
      const server = this.leastLoaded();
      if (server) return server;
    }
  }

  /** A server has replied after so many milliseconds. */
  replied(server: PoolServer, ms: number): void {
    this.#served = true;
    server.meanMs = server.meanMs === 0 ? ms : 0.9 * server.meanMs + 0.1 * ms;
    server.timeouts = 0;
    server.asideMs = this.#options.asideMs;
  }

  /** A call ran out of time: a server that lets several wait hangs, and is set aside. */
  timedOut(server: PoolServer): void {
    if (++server.timeouts < TIMEOUTS) return;
    this.setAside(server, new Error(`${server.url}: no reply in time`));
  }

  /** Says it, and asks the server again until it answers. */
  setAside(server: PoolServer, error: unknown): void {
    if (!server.alive) return;
    server.alive = false;
    server.timeouts = 0;
    const left = this.all.some(({ alive }) => alive);
    const seconds = Math.round(this.#patienceMs / 1000);
    this.#options.context.log(
      `${messageOf(error)}: set aside, ` +
        (left ? "its work goes to the others" : `no server is left: waiting ${seconds} s for one`),
    );
    this.#revive(server);
  }

  get #patienceMs(): number {
    return this.#served ? this.#options.patienceMs : this.#options.startPatienceMs;
  }

  async #revive(server: PoolServer): Promise<void> {
    const { probe, context: { sleep, log } } = this.#options;
    while (!this.closed.aborted) {
      try {
        await sleep(server.asideMs, this.closed);
        server.asideMs = Math.min(ASIDE_CAP_MS, server.asideMs * 2);
        await probe(server.url);
      } catch {
        continue;
      }
      server.alive = true;
      server.peak = 0;
      log(`${server.url}: answers again`);
      const { resolve } = this.#revived;
      this.#revived = Promise.withResolvers<void>();
      resolve();
      return;
    }
  }
}
