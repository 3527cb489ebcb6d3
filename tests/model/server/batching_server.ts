/** An inference server in virtual time: so many sequences at once, others wait in its queue. */
import { ServerDown } from "../../../lib/model/server/server_error.ts";
import type { VirtualClock } from "./virtual_clock.ts";

export class BatchingServer {
  alive = true;
  /** Factor on every reply's time. */
  slowness = 1;
  /** Never answers, though it takes requests. */
  hangs = false;
  served = 0;
  #busy = 0;
  readonly #queue: (() => void)[] = [];
  readonly #open = new Set<(error: unknown) => void>();

  constructor(readonly clock: VirtualClock, readonly slots: number, readonly travelMs = 5) {}

  /** The server's process dies: all that it holds fails. */
  kill(): void {
    this.alive = false;
    for (const fail of this.#open) fail(new ServerDown("killed"));
  }

  async work(ms: number, signal: AbortSignal): Promise<void> {
    const { promise: broken, reject } = Promise.withResolvers<never>();
    broken.catch(() => {});
    this.#open.add(reject);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    try {
      await Promise.race([broken, this.#serve(ms, signal)]);
    } finally {
      this.#open.delete(reject);
    }
  }

  async #serve(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.alive) throw new ServerDown("connection refused");
    await this.clock.sleep(this.travelMs, signal);
    while (this.#busy >= this.slots) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    this.#busy++;
    try {
      if (this.hangs) await new Promise(() => {});
      if (!signal.aborted) await this.clock.sleep(ms * this.slowness, signal);
    } finally {
      this.#busy--;
      this.#queue.shift()?.();
    }
    this.served++;
    await this.clock.sleep(this.travelMs, signal);
  }
}

/** Reply times with a long tail: log-normal, ended at twelve times the median (--max-tokens). */
export function replyTimes(count: number, random: () => number, medianMs = 1_000): number[] {
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return medianMs * Math.min(12, Math.exp(0.9 * normal));
  });
}

/** When a server ends that holds every request from the start and takes the next for each free slot. */
export function listSchedule(times: readonly number[], slots: number): number {
  const free = new Array<number>(slots).fill(0);
  for (const ms of times) {
    const first = free.indexOf(Math.min(...free));
    free[first]! += ms;
  }
  return Math.max(...free);
}
