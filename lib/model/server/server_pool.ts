/** Several servers of one model: shared work, one that dies set aside, stragglers overtaken. */
import type { StageContext } from "../../core/context.ts";
import { ModelError } from "../../core/errors.ts";
import { SERVERS_PER_CALL } from "../call/request_bound.ts";
import { LiveServers, type PoolServer, type ServerPoolOptions } from "./live_servers.ts";
import { ServerDown } from "./server_error.ts";

export type { ServerPoolOptions } from "./live_servers.ts";

/** A call that a pool sends to one of its servers, perhaps to a second. */
type Call<T> = (url: string, signal: AbortSignal) => Promise<T>;

interface SentCall {
  call: Call<unknown>;
  startedAt: number;
  servers: Set<PoolServer>;
  /** Servers that it was ever sent to: `SERVERS_PER_CALL` at most. */
  tried: Set<PoolServer>;
  /** Ends the attempts that are left over. */
  over: AbortController;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  signal?: AbortSignal;
}

/** Below this share of its usual load a server has room for others' stragglers. */
const ROOM = 0.75;
/** A call is a straggler after so many mean reply times of the server that would take it. */
const STRAGGLER = 1;
/** At the end, a server whose replies take so many times as long as another's gives it its calls. */
const FAR_SLOWER = 2;
/** With fewer calls than this share of the most there were at once, a run is at its end. */
const END = 0.9;

/**
 * Sends each call to the live server with the fewest in flight. A server that fails as a whole
 * (`ServerDown`) is set aside, its calls go to the others at once, and it is asked again later.
 * A call that is late on one server is sent to a second that has room, and the first reply counts.
 * No call goes to more than `SERVERS_PER_CALL` servers: where they fail, so does the call.
 * A slow server keeps its calls, for what it does of them is worth it, until the run is at its end:
 * then they go to quicker servers, so that nothing waits for the slowest machine.
 *
 * With no server left, which is said at once, calls wait until one is back; after `patienceMs` they
 * throw a `fatal` `ModelError`.
 */
export class ServerPool {
  readonly #servers: LiveServers;
  readonly #calls = new Set<SentCall>();
  readonly #context: Pick<StageContext, "monotonic" | "sleep">;
  /** The most calls that were under way at once. */
  #peak = 0;
  #checking = false;

  constructor(urls: readonly string[], options: ServerPoolOptions) {
    this.#context = options.context;
    this.#servers = new LiveServers(urls, options);
  }

  /** Servers, those set aside among them. */
  get size(): number {
    return this.#servers.all.length;
  }

  /** Servers that answer, as far as is known. */
  get alive(): string[] {
    return this.#servers.all.filter((server) => server.alive).map((server) => server.url);
  }

  /** Sets a server aside, as a failed call does: for one that did not answer at the start. */
  setAside(url: string, error: unknown): void {
    const server = this.#servers.all.find((each) => each.url === url);
    if (server) this.#servers.setAside(server, error);
  }

  /** Calls a server; which one is the pool's choice. Throws what the call throws. */
  async run<T>(call: Call<T>, signal?: AbortSignal): Promise<T> {
    const tried = new Set<PoolServer>();
    for (;;) {
      signal?.throwIfAborted();
      // Picked and taken in one step: callers that come at once are not all sent to one server.
      const server = this.#servers.leastLoaded(tried) ?? await this.#servers.nextBack(signal);
      try {
        return await this.#send(server, call, tried, signal) as T;
      } catch (error) {
        const another = tried.size < SERVERS_PER_CALL && this.#servers.leastLoaded(tried);
        if (!(error instanceof ServerDown) || !another) throw error;
      }
    }
  }

  /** Stops asking for servers that are away. */
  close(): void {
    this.#servers.close();
  }

  #send(
    server: PoolServer,
    call: Call<unknown>,
    tried: Set<PoolServer>,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const sent: SentCall = {
      call,
      startedAt: this.#context.monotonic(),
      servers: new Set(),
      tried,
      over: new AbortController(),
      resolve,
      reject,
      signal,
    };
    this.#calls.add(sent);
    this.#peak = Math.max(this.#peak, this.#calls.size);
    this.#attempt(sent, server);
    return promise;
  }

  async #attempt(sent: SentCall, server: PoolServer): Promise<void> {
    const startedAt = this.#context.monotonic();
    const { signal, over } = sent;
    sent.servers.add(server);
    sent.tried.add(server);
    server.inFlight++;
    server.peak = Math.max(server.peak, server.inFlight);
    try {
      const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
      const value = await sent.call(server.url, both);
      if (!over.signal.aborted) {
        this.#servers.replied(server, this.#context.monotonic() - startedAt);
        this.#settle(sent, () => sent.resolve(value));
      }
    } catch (error) {
      // A call that was given up says nothing about its server, but for a time-out.
      const cancelled = over.signal.aborted || signal?.aborted;
      if (error instanceof ServerDown && !cancelled) this.#servers.setAside(server, error);
      if (signal?.aborted && signal.reason instanceof ModelError) this.#servers.timedOut(server);
      // While another attempt is under way, this one's failure decides nothing.
      if (sent.servers.size === 1) this.#settle(sent, () => sent.reject(error));
    } finally {
      sent.servers.delete(server);
      server.inFlight--;
      server.peak = Math.max(server.inFlight, server.peak * 0.98);
      this.#overtake();
    }
  }

  #settle(sent: SentCall, settle: () => void): void {
    settle();
    this.#calls.delete(sent);
    sent.over.abort();
  }

  /** Sends the oldest stragglers to servers that have room or, at the end, are far quicker. */
  #overtake(): void {
    const ending = this.#calls.size < END * this.#peak;
    let soonest = Infinity;
    for (const server of this.#servers.all) {
      if (!server.alive || server.meanMs === 0) continue;
      for (const sent of this.#calls) {
        if (sent.servers.size !== 1 || sent.tried.size >= SERVERS_PER_CALL) continue;
        if (sent.tried.has(server)) continue;
        const [holder] = sent.servers;
        const farSlower = ending && holder!.meanMs > FAR_SLOWER * server.meanMs;
        if (!farSlower && server.inFlight >= ROOM * server.peak) continue;
        const due = sent.startedAt + STRAGGLER * server.meanMs - this.#context.monotonic();
        if (due <= 0) this.#attempt(sent, server);
        else soonest = Math.min(soonest, due);
      }
    }
    if (soonest < Infinity && !this.#checking) {
      this.#checking = true;
      this.#context.sleep(soonest, this.#servers.closed).then(() => {
        this.#checking = false;
        this.#overtake();
      }, () => {});
    }
  }
}
