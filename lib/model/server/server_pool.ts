/** Several servers of one model: shared work, one that dies set aside, stragglers overtaken. */
import type { StageContext } from "../../core/context.ts";
import { messageOf, ModelError } from "../../core/errors.ts";
import { SERVERS_PER_CALL } from "../call/request_bound.ts";
import { ServerDown } from "./server_error.ts";

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

/** A call that a pool sends to one of its servers, perhaps to a second. */
type Call<T> = (url: string, signal: AbortSignal) => Promise<T>;

interface Seat {
  readonly url: string;
  alive: boolean;
  asideMs: number;
  inFlight: number;
  /** Calls that were in flight at once, of late: what this server is used to. */
  peak: number;
  /** Mean time of a reply, of late; 0 before the first. */
  meanMs: number;
  /** Calls given up by their caller since the last reply: a server that hangs. */
  strikes: number;
}

interface Flight {
  call: Call<unknown>;
  startedAt: number;
  seats: Set<Seat>;
  /** Servers that it was ever sent to: `SERVERS_PER_CALL` at most. */
  tried: Set<Seat>;
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
const LIMPING = 2;
/** With fewer calls than this share of the most there were at once, a run is at its end. */
const END = 0.9;
const ASIDE_CAP_MS = 60_000;
const STRIKES = 3;

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
  readonly #seats: Seat[];
  readonly #flights = new Set<Flight>();
  readonly #options: Required<ServerPoolOptions>;
  readonly #context: ServerPoolOptions["context"];
  readonly #closed = new AbortController();
  #revived = Promise.withResolvers<void>();
  /** The most calls that were under way at once. */
  #peak = 0;
  #checking = false;
  /** A call has been answered. */
  #served = false;

  constructor(urls: readonly string[], options: ServerPoolOptions) {
    this.#options = {
      asideMs: 1_000,
      patienceMs: 300_000,
      startPatienceMs: 30_000,
      ...options,
    };
    this.#context = options.context;
    this.#seats = urls.map((url) => ({
      url,
      alive: true,
      asideMs: this.#options.asideMs,
      inFlight: 0,
      peak: 0,
      meanMs: 0,
      strikes: 0,
    }));
  }

  /** Servers, those set aside among them. */
  get size(): number {
    return this.#seats.length;
  }

  /** Servers that answer, as far as is known. */
  get alive(): string[] {
    return this.#seats.filter((seat) => seat.alive).map((seat) => seat.url);
  }

  /** Sets a server aside, as a failed call does: for one that did not answer at the start. */
  setAside(url: string, error: unknown): void {
    const seat = this.#seats.find((each) => each.url === url);
    if (seat) this.#setAside(seat, error);
  }

  /** Calls a server; which one is the pool's choice. Throws what the call throws. */
  async run<T>(call: Call<T>, signal?: AbortSignal): Promise<T> {
    const tried = new Set<Seat>();
    for (;;) {
      signal?.throwIfAborted();
      // Picked and taken in one step: callers that come at once are not all sent to one server.
      const seat = this.#leastLoaded(tried) ?? await this.#nextBack(signal);
      try {
        return await this.#fly(seat, call, tried, signal) as T;
      } catch (error) {
        const another = tried.size < SERVERS_PER_CALL && this.#leastLoaded(tried);
        if (!(error instanceof ServerDown) || !another) throw error;
      }
    }
  }

  /** Stops asking for servers that are away. */
  close(): void {
    this.#closed.abort();
  }

  #leastLoaded(except?: ReadonlySet<Seat>): Seat | undefined {
    let best: Seat | undefined;
    for (const seat of this.#seats) {
      if (seat.alive && !except?.has(seat) && (!best || seat.inFlight < best.inFlight)) best = seat;
    }
    return best;
  }

  get #patienceMs(): number {
    return this.#served ? this.#options.patienceMs : this.#options.startPatienceMs;
  }

  /** Waits for a server to come back. */
  async #nextBack(signal?: AbortSignal): Promise<Seat> {
    const patienceMs = this.#patienceMs;
    const deadline = this.#context.monotonic() + patienceMs;
    for (;;) {
      const left = deadline - this.#context.monotonic();
      if (left <= 0) {
        const urls = this.#seats.map(({ url }) => url).join(", ");
        throw new ModelError(
          "fatal",
          `no server has answered for ${Math.round(patienceMs / 1000)} s: ${urls}`,
        );
      }
      const waiting = new AbortController();
      const either = signal ? AbortSignal.any([signal, waiting.signal]) : waiting.signal;
      await Promise.race([this.#revived.promise, this.#context.sleep(left, either)])
        .finally(() => waiting.abort());
      const seat = this.#leastLoaded();
      if (seat) return seat;
    }
  }

  #fly(
    seat: Seat,
    call: Call<unknown>,
    tried: Set<Seat>,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const flight: Flight = {
      call,
      startedAt: this.#context.monotonic(),
      seats: new Set(),
      tried,
      over: new AbortController(),
      resolve,
      reject,
      signal,
    };
    this.#flights.add(flight);
    this.#peak = Math.max(this.#peak, this.#flights.size);
    this.#attempt(flight, seat);
    return promise;
  }

  async #attempt(flight: Flight, seat: Seat): Promise<void> {
    const startedAt = this.#context.monotonic();
    const { signal, over } = flight;
    flight.seats.add(seat);
    flight.tried.add(seat);
    seat.inFlight++;
    seat.peak = Math.max(seat.peak, seat.inFlight);
    try {
      const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
      const value = await flight.call(seat.url, both);
      if (!over.signal.aborted) {
        this.#served = true;
        const ms = this.#context.monotonic() - startedAt;
        seat.meanMs = seat.meanMs === 0 ? ms : 0.9 * seat.meanMs + 0.1 * ms;
        seat.strikes = 0;
        seat.asideMs = this.#options.asideMs;
        this.#land(flight, () => flight.resolve(value));
      }
    } catch (error) {
      // A call that was given up says nothing about its server, but for a time-out.
      const cancelled = over.signal.aborted || signal?.aborted;
      if (error instanceof ServerDown && !cancelled) this.#setAside(seat, error);
      const late = signal?.aborted && signal.reason instanceof ModelError;
      if (late && ++seat.strikes >= STRIKES) {
        this.#setAside(seat, new Error(`${seat.url}: no reply in time`));
      }
      // While another attempt is under way, this one's failure decides nothing.
      if (flight.seats.size === 1) this.#land(flight, () => flight.reject(error));
    } finally {
      flight.seats.delete(seat);
      seat.inFlight--;
      seat.peak = Math.max(seat.inFlight, seat.peak * 0.98);
      this.#overtake();
    }
  }

  #land(flight: Flight, settle: () => void): void {
    settle();
    this.#flights.delete(flight);
    flight.over.abort();
  }

  /** Sends the oldest stragglers to servers that have room or, at the end, are far quicker. */
  #overtake(): void {
    const ending = this.#flights.size < END * this.#peak;
    let soonest = Infinity;
    for (const seat of this.#seats) {
      if (!seat.alive || seat.meanMs === 0) continue;
      for (const flight of this.#flights) {
        if (flight.seats.size !== 1 || flight.tried.size >= SERVERS_PER_CALL) continue;
        if (flight.tried.has(seat)) continue;
        const [holder] = flight.seats;
        const limping = ending && holder!.meanMs > LIMPING * seat.meanMs;
        if (!limping && seat.inFlight >= ROOM * seat.peak) continue;
        const due = flight.startedAt + STRAGGLER * seat.meanMs - this.#context.monotonic();
        if (due <= 0) this.#attempt(flight, seat);
        else soonest = Math.min(soonest, due);
      }
    }
    if (soonest < Infinity && !this.#checking) {
      this.#checking = true;
      this.#context.sleep(soonest, this.#closed.signal).then(() => {
        this.#checking = false;
        this.#overtake();
      }, () => {});
    }
  }

  #setAside(seat: Seat, error: unknown): void {
    if (!seat.alive) return;
    seat.alive = false;
    seat.strikes = 0;
    const left = this.#seats.some(({ alive }) => alive);
    const seconds = Math.round(this.#patienceMs / 1000);
    this.#context.log(
      `${messageOf(error)}: set aside, ` +
        (left ? "its work goes to the others" : `no server is left: waiting ${seconds} s for one`),
    );
    this.#revive(seat);
  }

  async #revive(seat: Seat): Promise<void> {
    const { sleep, log } = this.#context;
    while (!this.#closed.signal.aborted) {
      try {
        await sleep(seat.asideMs, this.#closed.signal);
        seat.asideMs = Math.min(ASIDE_CAP_MS, seat.asideMs * 2);
        await this.#options.probe(seat.url);
      } catch {
        continue;
      }
      seat.alive = true;
      seat.peak = 0;
      log(`${seat.url}: answers again`);
      const { resolve } = this.#revived;
      this.#revived = Promise.withResolvers<void>();
      resolve();
      return;
    }
  }
}
