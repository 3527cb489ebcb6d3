/** How long a first try may take: hung connections are told from slow replies by the others. */

/** When to give up a first try. */
export interface PatienceOptions {
  /** A first try may take this many times as long as the slowest reply so far. Default 20. */
  times?: number;
  /** It is never given up sooner, in milliseconds. Default 30,000. */
  leastMs?: number;
  /** Replies that must be there before anything is judged. Default 20. */
  replies?: number;
}

/** Bounds on tries. */
export interface Patience {
  /** Milliseconds that the item's next try may take; undefined for no bound but the request's own. */
  boundFor(id: string): number | undefined;
  /** A reply came after so long. */
  served(id: string, ms: number): void;
  /** The item's try was given up: its next one gets all the time there is. */
  gaveUp(id: string): void;
}

/** Patience that learns from the replies there are. */
export function patience(options: PatienceOptions = {}): Patience {
  const { times = 20, leastMs = 30_000, replies = 20 } = options;
  const givenUp = new Set<string>();
  let seen = 0, slowest = 0;
  return {
    boundFor(id) {
      if (seen < replies || givenUp.has(id)) return undefined;
      return Math.max(leastMs, times * slowest);
    },
    served(id, ms) {
      seen++;
      slowest = Math.max(slowest, ms);
      givenUp.delete(id);
    },
    gaveUp: (id) => void givenUp.add(id),
  };
}
