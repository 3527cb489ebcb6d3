/** A reward model on servers: batching, sharing, and the check of its scores. Wires differ. */
import { messageOf, ModelError } from "../../core/errors.ts";
import type { RewardModel, Score, ScoringItem } from "../reward_model.ts";
import { circuitBreaker, type CircuitBreakerOptions } from "../../run/circuit_breaker.ts";
import { type Call, wrapped } from "../call/call.ts";
import { unlessDown } from "../call/guards.ts";
import { judgeRawScores, PROBES } from "./raw_scores.ts";
import type { ServerPool } from "./server_pool.ts";

/** An item as a wire sends it. */
export interface Prepared {
  /** What the model reads: equal inputs are sent once and get equal scores. */
  input: unknown;
  truncated: boolean;
}

/** What the kinds of reward server differ in. */
export interface RewardWire<P extends Prepared> {
  /** Items a request takes. */
  batch: number;
  /** The server can be asked for squashed scores too. */
  hasSwitch: boolean;
  /** Tokens that the servers read; `Infinity` where they don't tell. */
  contextLength: number;
  /** Throws what `fitToLength` throws. */
  prepare(item: ScoringItem, maxLength: number, signal?: AbortSignal): Promise<P>;
  /** One score an item, in order. */
  ask(url: string, items: readonly P[], raw: boolean, signal?: AbortSignal): Promise<number[]>;
}

/** What a model's servers say of it, as one text; servers that say the same count once. */
export function versionOf(facts: readonly unknown[]): string {
  return [...new Set(facts.map((each) => JSON.stringify(each)))].sort().join(" ");
}

/** Requests in flight that keep a server's batches full. */
const REQUESTS_A_SERVER = 32;

/** Tokens of a probe at most: the probes are short, templates may not be. */
const PROBE_LENGTH = 2_048;

/** A server of one's own that fails for so long is broken. */
const GIVE_UP_MS = 300_000;

/** What is known of a served reward model. */
export interface ServedRewardFacts {
  name: string;
  /** What its servers say of it, as text. */
  version: string;
}

/** A reward model whose servers speak a wire. */
export class ServedReward<P extends Prepared> implements RewardModel {
  readonly name: string;
  readonly version: string;
  readonly concurrency: number;
  readonly #wire: RewardWire<P>;
  readonly #pool: ServerPool;
  readonly #ask: Call<readonly P[], number[]>;
  readonly #log: (line: string) => void;
  #said = false;

  private constructor(
    { name, version }: ServedRewardFacts,
    wire: RewardWire<P>,
    pool: ServerPool,
    context: CircuitBreakerOptions,
  ) {
    this.name = name;
    this.version = version;
    this.concurrency = REQUESTS_A_SERVER * pool.size;
    this.#wire = wire;
    this.#pool = pool;
    this.#log = context.log;
    this.#ask = wrapped(
      (items, signal) => pool.run((url, either) => wire.ask(url, items, true, either), signal),
      [unlessDown(circuitBreaker({ ...context, giveUpMs: GIVE_UP_MS }))],
    );
  }

  /**
   * Opens it after the check with probe texts on every server that answers. Throws `InputError`
   * where one squashes its scores.
   */
  static async open<P extends Prepared>(
    facts: ServedRewardFacts,
    wire: RewardWire<P>,
    pool: ServerPool,
    context: CircuitBreakerOptions,
  ): Promise<RewardModel> {
    const model = new ServedReward(facts, wire, pool, context);
    try {
      const length = Math.min(PROBE_LENGTH, wire.contextLength);
      const probes = await Promise.all(PROBES.map((probe) => wire.prepare(probe, length)));
      const ask = async (url: string, raw: boolean) => {
        const scores: number[] = [];
        for (const part of parts(probes, wire.batch)) {
          scores.push(...await wire.ask(url, part, raw));
        }
        return scores;
      };
      for (const url of pool.alive) {
        const raw = await ask(url, true);
        const squashed = wire.hasSwitch ? await ask(url, false) : null;
        const warning = judgeRawScores(`${url} (${facts.name})`, raw, squashed);
        if (warning) context.log(warning);
      }
    } catch (error) {
      pool.close();
      throw error instanceof ModelError
        ? new ModelError("fatal", `the first request failed: ${messageOf(error)}`, { cause: error })
        : error;
    }
    return model;
  }

  async score(
    items: readonly ScoringItem[],
    { maxLength, signal }: { maxLength: number; signal?: AbortSignal },
  ): Promise<Score[]> {
    const limit = this.#fitting(maxLength);
    const prepared = await Promise.all(
      items.map((item) => this.#wire.prepare(item, limit, signal)),
    );
    // Answers that are equal as far as the model reads them get one score: else the noise of a
    // server's batches would tell them apart, and pairs would be made of it.
    const places = new Map<string, number>();
    const distinct = prepared.filter((each) => {
      const key = JSON.stringify(each.input);
      if (places.has(key)) return false;
      places.set(key, places.size);
      return true;
    });
    const asked = await Promise.all(
      parts(distinct, this.#wire.batch).map((part) => this.#ask(part, signal)),
    );
    const scores = asked.flat();
    return prepared.map(({ input, truncated }) => ({
      score: scores[places.get(JSON.stringify(input))!]!,
      truncated,
    }));
  }

  #fitting(maxLength: number): number {
    const { contextLength } = this.#wire;
    if (maxLength <= contextLength) return maxLength;
    if (!this.#said) {
      this.#log(
        `${this.name}: the server's context is ${contextLength} tokens: answers are cut there, ` +
          `not at ${maxLength}`,
      );
      this.#said = true;
    }
    return contextLength;
  }

  close(): Promise<void> {
    this.#pool.close();
    return Promise.resolve();
  }
}

function parts<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Throws a `retry` where a server gave another number of scores than it was asked for. */
export function checkedScores(where: string, scores: number[], asked: number): number[] {
  if (scores.length === asked) return scores;
  throw new ModelError("retry", `${where}: ${scores.length} scores for ${asked} texts`);
}
