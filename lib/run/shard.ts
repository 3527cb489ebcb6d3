/** Which part of the input a process works on. */
import { InputError } from "../core/errors.ts";
import { numberedName } from "../core/numbered_name.ts";

/** Part `index` (0-based) of `count`. */
export interface Shard {
  index: number;
  count: number;
}

/**
 * The shard named by `--shard I/N`, else by a SLURM array's or a Kubernetes indexed job's
 * environment, which `log` is told of, else the whole; `--shard none` is the whole in any case.
 *
 * @throws {InputError} for a text that is no shard.
 *
 * SLURM: SLURM_ARRAY_TASK_ID with …_MIN, …_STEP and …_COUNT. Kubernetes gives the index alone
 * (JOB_COMPLETION_INDEX), so JOB_COMPLETIONS must say the count.
 *
 * @example
 * ```ts
 * import { shardFrom } from "./shard.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(shardFrom("2/4", () => undefined), { index: 2, count: 4 });
 * ```
 */
export function shardFrom(
  flag: string | undefined,
  env: (name: string) => string | undefined,
  log: (line: string) => void = () => {},
): Shard {
  if (flag === "none") return WHOLE;
  if (flag !== undefined) {
    const match = /^(\d+)\/(\d+)$/.exec(flag);
    if (!match) throw new InputError(`--shard ${flag}: give I/N, 0-based, such as 0/4, or none`);
    return checked(Number(match[1]), Number(match[2]), `--shard ${flag}`);
  }
  const told = (shard: Shard): Shard => {
    const by = env("SLURM_ARRAY_TASK_ID") ? "SLURM_ARRAY_TASK_ID" : "JOB_COMPLETION_INDEX";
    log(
      `NOTE: this is part ${shard.index} of ${shard.count} of the input, by the environment's ${by}: ` +
        `--shard none takes all of it`,
    );
    return shard;
  };
  const slurm = env("SLURM_ARRAY_TASK_ID");
  if (slurm) {
    const step = Number(env("SLURM_ARRAY_TASK_STEP") ?? 1) || 1;
    const index = (Number(slurm) - Number(env("SLURM_ARRAY_TASK_MIN") ?? 0)) / step;
    return told(checked(index, Number(env("SLURM_ARRAY_TASK_COUNT")), "SLURM_ARRAY_TASK_ID"));
  }
  const completion = env("JOB_COMPLETION_INDEX");
  if (completion) {
    const count = env("JOB_COMPLETIONS");
    if (!count) {
      throw new InputError("JOB_COMPLETION_INDEX is set without JOB_COMPLETIONS: give --shard I/N");
    }
    return told(checked(Number(completion), Number(count), "JOB_COMPLETION_INDEX"));
  }
  return WHOLE;
}

const WHOLE: Shard = { index: 0, count: 1 };

function checked(index: number, count: number, where: string): Shard {
  if (!Number.isInteger(count) || count < 1 || count > 99_999) {
    throw new InputError(`${where}: the number of shards must be from 1 to 99999`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new InputError(`${where}: the shard must be from 0 to ${count - 1}`);
  }
  return { index, count };
}

/** The half-open range of a shard among `total` items: contiguous, so that shards join in order. */
export function shardRange(shard: Shard, total: number): { from: number; to: number } {
  return {
    from: Math.floor(shard.index * total / shard.count),
    to: Math.floor((shard.index + 1) * total / shard.count),
  };
}

/** The file name of a shard's part, `part-00000-of-00001`. */
export function partName({ index, count }: Shard): string {
  return numberedName("part", index, count);
}
