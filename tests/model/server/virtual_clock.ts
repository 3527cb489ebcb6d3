/** Time that passes only when nothing else can happen: tests of minutes take milliseconds. */

interface Timer {
  at: number;
  order: number;
  ring: () => void;
}

export class VirtualClock {
  #now = 0;
  #order = 0;
  #timers: Timer[] = [];

  readonly now = (): number => this.#now;
  readonly monotonic = this.now;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, ring: resolve };
      this.#timers.push(timer);
      signal?.addEventListener("abort", () => {
        this.#timers = this.#timers.filter((each) => each !== timer);
        reject(signal.reason);
      }, { once: true });
    });

  /** Lets time pass until the promise settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    promise.then(() => settled = true, () => settled = true);
    for (let idle = 0;;) {
      for (let turn = 0; turn < 30; turn++) await Promise.resolve();
      if (settled) return await promise;
      // Deep chains of promises need more turns than those: all of them run before a real timer.
      if (this.#timers.length === 0 && idle++ === 0) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        continue;
      }
      idle = 0;
      let next: Timer | undefined;
      for (const timer of this.#timers) {
        if (!next || timer.at < next.at || timer.at === next.at && timer.order < next.order) {
          next = timer;
        }
      }
      if (!next) throw new Error("nothing is under way, and the promise has not settled");
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#now = next.at;
      next.ring();
    }
  }
}
