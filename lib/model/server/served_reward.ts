/** A reward model on servers: batching, sharing, and the check of its scores. Wires differ. */
import { messageOf, ModelError } from "../../core/errors.ts";
import type { RewardModel, Score, ScoringItem } from "../reward_model.ts";
import { judgeRawScores, PROBES } from "./raw_scores.ts";
import type { ServerPool } from "./server_pool.ts";

/** An item as a wire sends it. */
export interface Prepared {
  truncated: boolean;
}

/** What the kinds of reward server differ in. */
export interface RewardWire<P extends Prepared> {
  /** Items a request takes. */
  batch: number;
  /** The server can be asked for squashed scores too. */
  hasSwitch: boolean;
  prepare(item: ScoringItem, maxLength: number, signal?: AbortSignal): Promise<P>;
  /** One score an item, in order. */
  ask(url: string, items: readonly P[], raw: boolean, signal?: AbortSignal): Promise<number[]>;
}

/** Requests in flight that keep a server's batches full. */
const REQUESTS_A_SERVER = 32;

/** Tokens of a probe at most; the probes are shorter. */
const PROBE_LENGTH = 128;

/** A reward model whose servers speak a wire. */
export class ServedReward<P extends Prepared> implements RewardModel {
  readonly name: string;
  readonly concurrency: number;
  readonly #wire: RewardWire<P>;
  readonly #pool: ServerPool;

  private constructor(name: string, wire: RewardWire<P>, pool: ServerPool, servers: number) {
    this.name = name;
    this.concurrency = REQUESTS_A_SERVER * servers;
    this.#wire = wire;
    this.#pool = pool;
  }

  /**
   * Opens it after the check with probe texts on every server that answers. Throws `InputError`
   * where one squashes its scores.
   */
  static async open<P extends Prepared>(
    name: string,
    wire: RewardWire<P>,
    pool: ServerPool,
    log: (line: string) => void,
  ): Promise<RewardModel> {
    const model = new ServedReward(name, wire, pool, pool.size);
    try {
      const probes = await Promise.all(PROBES.map((probe) => wire.prepare(probe, PROBE_LENGTH)));
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
        const warning = judgeRawScores(`${url} (${name})`, raw, squashed);
        if (warning) log(warning);
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
    const prepared = await Promise.all(
      items.map((item) => this.#wire.prepare(item, maxLength, signal)),
    );
    const scores = await Promise.all(
      parts(prepared, this.#wire.batch).map((part) =>
        this.#pool.run((url, either) => this.#wire.ask(url, part, true, either), signal)
      ),
    );
    return scores.flat().map((score, at) => ({ score, truncated: prepared[at]!.truncated }));
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
