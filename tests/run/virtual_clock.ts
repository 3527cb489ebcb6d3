/** Time that passes only when everybody waits. */
export interface VirtualClock {
  now: () => number;
  monotonic: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Lets time pass until the promise settles. */
  run<T>(promise: Promise<T>): Promise<T>;
}

export function virtualClock(start = 0): VirtualClock {
  let time = start;
  const sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => time,
    monotonic: () => time,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: time + ms, wake })),
    async run(promise) {
      let settled = false;
      const end = () => void (settled = true);
      promise.then(end, end);
      for (;;) {
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        if (settled) return await promise;
        sleepers.sort((a, b) => b.at - a.at);
        const next = sleepers.pop();
        if (!next) throw new Error("nobody sleeps, and nothing settles");
        time = Math.max(time, next.at);
        next.wake();
      }
    },
  };
}
