/** How many requests may be in flight: a fixed number, or one that finds the server's own limit. */
import { slotQueue } from "./slot_queue.ts";

/** How a request ended, as far as the limit is concerned. */
export type Outcome =
  /** Served, whatever came back. */
  | "ok"
  /** Refused because there were too many (429, 503 with Retry-After). */
  | "throttled"
  /** Failed otherwise: says nothing about the limit. */
  | "error";

/** Slots for requests in flight. Whoever acquires releases exactly once. */
export interface ConcurrencyLimit {
  /** Slots there are now. */
  readonly current: number;
  /** Resolves when a slot is free, in order of asking; rejects with the signal's reason. */
  acquire(signal?: AbortSignal): Promise<void>;
  release(outcome: Outcome): void;
}

/**
 * Always `slots` in flight at most.
 *
 * @example
 * ```ts
 * import { fixedLimit } from "./concurrency_limit.ts";
 * import assert from "node:assert/strict";
 *
 * const limit = fixedLimit(2);
 * await limit.acquire();
 * limit.release("ok");
 * assert.equal(limit.current, 2);
 * ```
 */
export function fixedLimit(slots: number): ConcurrencyLimit {
  const queue = slotQueue(() => slots);
  return { current: slots, acquire: queue.acquire, release: queue.release };
}

/** Where an adaptive limit begins and ends. */
export interface AdaptiveLimitOptions {
  /** Slots at the beginning. Default {@link FIRST_SLOTS}, or `max` where that is less. */
  start?: number;
  /** Slots at most: connections, memory. */
  max: number;
  /** Told of every change that was forced by refusals. */
  onDecrease?: (slots: number) => void;
}

/** What most providers bear; one that does not says so at once, and bills nothing for it. */
export const FIRST_SLOTS = 32;
/** Share of refusals among a round's outcomes up to which they may be noise, not a limit. */
const NOISE = 0.15;
/** How quickly the usual share of refusals is learnt. */
const LEARNING = 0.2;
/** Clean rounds for each slot just under a known ceiling before it is tried again. */
const PATIENCE = 0.5;
/** Bounds of those rounds; they double when a trial fails. */
const FEWEST_ROUNDS = 2, MOST_ROUNDS = 128;
/** Outcomes that make a round at least: fewer do not tell noise from a limit. */
const SHORTEST_ROUND = 40;
/** Share of refusals that may be noise or a limit: the next round, with fewer slots, has to tell. */
const BURST = 0.07;

/**
 * A limit that finds the server's own and stays just under it.
 *
 * It counts outcomes, not time, so that replies may take milliseconds or minutes: a round is as
 * many outcomes as there are slots. Each refusal takes a slot away at once. When a round ends,
 * refusals that were mere noise give theirs back; more of them mark a ceiling, and the limit stays
 * below. A burst that may be either gives them back a round later, or marks a ceiling where none is
 * refused without them. What is noise is learnt: some servers refuse at random whatever is in flight.
 * Without a ceiling it grows by half each round; under one it waits some rounds, tries one slot more,
 * and goes on faster each time that goes well. It grows only while all slots are taken.
 */
export function adaptiveLimit(options: AdaptiveLimitOptions): ConcurrencyLimit {
  const max = Math.max(1, Math.floor(options.max));
  let limit = Math.min(max, Math.max(1, options.start ?? FIRST_SLOTS));
  /** Slots at which the server refused: the limit stays below. */
  let ceiling = Infinity;
  let climbing = true;
  let patience = 0, step = 1, cleanRounds = 0;
  /** The share of requests that is refused without any ceiling being near. */
  let usual = 0;
  /** Slots that a burst of refusals took, while the next round is to tell what it was. */
  let doubted = 0;
  let round = { slots: limit, served: 0, refused: 0, saturated: false };

  const queue = slotQueue(() => limit);

  const endRound = () => {
    const { slots, served, refused, saturated } = round;
    const outcomes = served + refused;
    const probing = slots >= ceiling;
    const expected = usual * outcomes;
    const atRandom = expected + 2 * Math.sqrt(expected);
    const isUnknown = climbing || cleanRounds === 0;
    if (
      refused > (probing ? atRandom : Math.max(atRandom, NOISE * outcomes)) ||
      doubted > 0 && refused === 0
    ) {
      findCeiling(probing);
    } else if (isUnknown && doubted === 0 && refused > Math.max(atRandom, BURST * outcomes)) {
      doubted = refused;
    } else {
      limit = Math.min(max, limit + refused + doubted, Math.max(slots, limit) + doubted);
      doubted = 0;
      if (!probing && !climbing) usual += (refused / outcomes - usual) * LEARNING;
      if (probing) passCeiling();
      if (saturated && !climbing) grow();
    }
    round = { slots: limit, served: 0, refused: 0, saturated: false };
  };

  const findCeiling = (probing: boolean) => {
    climbing = false;
    ceiling = Math.max(2, Math.min(limit + 1, ceiling));
    limit = ceiling - 1;
    patience = Math.min(
      MOST_ROUNDS,
      probing ? patience * 2 : Math.max(FEWEST_ROUNDS, Math.floor(limit * PATIENCE)),
    );
    step = 1;
    cleanRounds = 0;
    doubted = 0;
    options.onDecrease?.(limit);
  };

  const passCeiling = () => {
    ceiling = limit + 1;
    step *= 2;
    patience = 1;
  };

  const grow = () => {
    cleanRounds++;
    if (limit < ceiling - 1) {
      limit = Math.min(max, ceiling - 1, limit + Math.ceil(limit * 0.1));
    } else if (cleanRounds >= patience) {
      limit = Math.min(max, limit + step);
      cleanRounds = 0;
    }
  };

  return {
    get current() {
      return limit;
    },
    acquire: queue.acquire,
    release(outcome) {
      if (queue.inFlight() >= limit) round.saturated = true;
      if (outcome === "throttled") {
        round.refused++;
        limit = Math.max(1, Math.ceil(round.slots / 2), limit - 1);
      } else if (outcome === "ok") {
        round.served++;
        const climbs = climbing && doubted === 0 && round.refused <= BURST * round.slots;
        if (climbs && round.saturated && round.served % 2 === 0) limit = Math.min(max, limit + 1);
      }
      if (round.served + round.refused >= Math.max(SHORTEST_ROUND, round.slots)) endRound();
      queue.release();
    },
  };
}
