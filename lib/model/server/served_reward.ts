/** A reward model on servers: batching, sharing, and the check of its scores. Wires differ. */
import type { z } from "zod";
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import type { CircuitBreakerOptions } from "../../run/circuit_breaker.ts";
import type { RewardModel, ScoringItem } from "../reward_model.ts";
import { pooledCall } from "./pooled_call.ts";
import { judgeRawScores, PROBES } from "./raw_scores.ts";
import type { ServerClient } from "./server_client.ts";
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
export function versionOf(facts: Iterable<unknown>): string {
  return [...new Set(Array.from(facts, (each) => JSON.stringify(each)))].sort().join(" ");
}

/** Requests in flight that keep a server's batches full. */
const REQUESTS_A_SERVER = 32;

/** Tokens of a probe at most: the probes are short, templates may not be. */
const PROBE_LENGTH = 2_048;

/** What is known of a served reward model. */
export interface ServedRewardFacts {
  name: string;
  /** What its servers say of it, as text. */
  version: string;
}

/**
 * Opens a reward model whose servers speak a wire, after the check with probe texts on every server
 * that answers. Throws `InputError` where one squashes its scores.
 */
export async function openServedReward<P extends Prepared>(
  { name, version }: ServedRewardFacts,
  wire: RewardWire<P>,
  pool: ServerPool,
  context: CircuitBreakerOptions,
): Promise<RewardModel> {
  await checkRawScores(name, wire, pool, context);
  const ask = pooledCall<readonly P[], number[]>(
    pool,
    context,
    (url, items, signal) => wire.ask(url, items, true, signal),
  );
  const { contextLength } = wire;
  let said = false;
  return {
    name,
    version,
    concurrency: REQUESTS_A_SERVER * pool.size,
    async score(items, { maxLength, signal }) {
      if (maxLength > contextLength && !said) {
        context.log(
          `${name}: the server's context is ${contextLength} tokens: answers are cut there, not at ` +
            `${maxLength}`,
        );
        said = true;
      }
      const limit = Math.min(maxLength, contextLength);
      const prepared = await Promise.all(items.map((item) => wire.prepare(item, limit, signal)));
      // Answers that are equal as far as the model reads them get one score: else the noise of a
      // server's batches would tell them apart, and pairs would be made of it.
      const distinct = Map.groupBy(prepared, ({ input }) => JSON.stringify(input));
      const first = [...distinct.values()].map(([each]) => each!);
      const asked = parts(first, wire.batch).map((part) => ask(part, signal));
      const scores = (await Promise.all(asked)).flat();
      const scoreOf = new Map([...distinct.keys()].map((key, at) => [key, scores[at]!]));
      return prepared.map(({ input, truncated }) => ({
        score: scoreOf.get(JSON.stringify(input))!,
        truncated,
      }));
    },
    close() {
      pool.close();
      return Promise.resolve();
    },
  };
}

async function checkRawScores<P extends Prepared>(
  name: string,
  wire: RewardWire<P>,
  pool: ServerPool,
  { log }: Pick<CircuitBreakerOptions, "log">,
): Promise<void> {
  try {
    const length = Math.min(PROBE_LENGTH, wire.contextLength);
    const probes = await Promise.all(PROBES.map((probe) => wire.prepare(probe, length)));
    const ask = async (url: string, raw: boolean) => {
      const scores: number[] = [];
      for (const part of parts(probes, wire.batch)) scores.push(...await wire.ask(url, part, raw));
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
}

function parts<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** How scores are asked for at a route. */
export interface ScoreRequest {
  client: ServerClient;
  url: string;
  route: string;
  body: object;
  /** The numbers of each text in the reply, in order. */
  schema: z.ZodType<number[][]>;
  /** The model's name, for messages. */
  name: string;
  /** Texts in the body. */
  asked: number;
  signal: AbortSignal | undefined;
}

/**
 * One score a text. Throws a `retry` for a reply of another form or length, and `InputError` where
 * the model gives more than one number.
 */
export async function askScores(
  { client, url, route, body, schema, name, asked, signal }: ScoreRequest,
): Promise<number[]> {
  const where = `${url}${route}`;
  const read = schema.safeParse(await client.post(url, route, body, { signal }));
  if (!read.success) throw new ModelError("retry", `${where}: not a list of scores`);
  const several = read.data.find((numbers) => numbers.length !== 1);
  if (several) {
    throw new InputError(`${where}: ${name} gives ${several.length} numbers, not one score`);
  }
  if (read.data.length === asked) return read.data.flat();
  throw new ModelError("retry", `${where}: ${read.data.length} scores for ${asked} texts`);
}
