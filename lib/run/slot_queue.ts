/** Who waits for a slot: first come, first served. */

export interface SlotQueue {
  acquire(signal?: AbortSignal): Promise<void>;
  release(): void;
  inFlight(): number;
}

/** A queue for a number of slots that may change. */
export function slotQueue(slots: () => number): SlotQueue {
  const waiting = new Set<() => void>();
  let inFlight = 0;
  const admit = () => {
    while (inFlight < slots()) {
      const next = waiting.values().next();
      if (next.done) return;
      waiting.delete(next.value);
      inFlight++;
      next.value();
    }
  };
  return {
    inFlight: () => inFlight,
    acquire(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const enter = () => {
          signal?.removeEventListener("abort", leave);
          resolve();
        };
        const leave = () => {
          if (waiting.delete(enter)) reject(signal!.reason);
        };
        signal?.addEventListener("abort", leave, { once: true });
        waiting.add(enter);
        admit();
      });
    },
    release() {
      if (inFlight === 0) throw new Error("released a slot that nobody holds");
      inFlight--;
      admit();
    },
  };
}
