import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../lib/core/errors.ts";
import { partName, shardFrom, shardRange } from "../../lib/run/shard.ts";

const env = (values: Record<string, string>) => (name: string) => values[name];

Deno.test("a flag wins over the environment, which wins over the whole", () => {
  const slurm = {
    SLURM_ARRAY_TASK_ID: "5",
    SLURM_ARRAY_TASK_MIN: "3",
    SLURM_ARRAY_TASK_COUNT: "4",
  };
  assert.deepEqual(shardFrom("0/2", env(slurm)), { index: 0, count: 2 });
  assert.deepEqual(shardFrom(undefined, env(slurm)), { index: 2, count: 4 });
  assert.deepEqual(shardFrom(undefined, env({ ...slurm, SLURM_ARRAY_TASK_STEP: "2" })), {
    index: 1,
    count: 4,
  });
  assert.deepEqual(
    shardFrom(undefined, env({ JOB_COMPLETION_INDEX: "1", JOB_COMPLETIONS: "3" })),
    { index: 1, count: 3 },
  );
  assert.deepEqual(shardFrom(undefined, env({})), { index: 0, count: 1 });
});

Deno.test("a shard that nobody asked for is said aloud, and --shard none turns it off (26)", () => {
  const sweep = env({ SLURM_ARRAY_TASK_ID: "2", SLURM_ARRAY_TASK_COUNT: "8" });
  const said: string[] = [];
  const log = (line: string) => void said.push(line);
  assert.deepEqual(shardFrom(undefined, sweep, log), { index: 2, count: 8 });
  assert.deepEqual(said, [
    "NOTE: this is part 2 of 8 of the input, by the environment's SLURM_ARRAY_TASK_ID: " +
    "--shard none takes all of it",
  ]);
  assert.deepEqual(shardFrom("none", sweep, log), { index: 0, count: 1 });
  assert.deepEqual(shardFrom("1/2", sweep, log), { index: 1, count: 2 });
  assert.equal(said.length, 1);
});

Deno.test("what is no shard is refused", () => {
  for (const flag of ["4/4", "1", "a/b", "-1/4", "0/0", "1/2/3", "0/100000"]) {
    assert.throws(() => shardFrom(flag, env({})), InputError, flag);
  }
  assert.throws(() => shardFrom(undefined, env({ JOB_COMPLETION_INDEX: "1" })), InputError);
  assert.throws(() => shardFrom(undefined, env({ SLURM_ARRAY_TASK_ID: "1" })), InputError);
});

Deno.test("the ranges of all shards are the whole, in order, and differ by one item at most", () => {
  fc.assert(fc.property(fc.nat(5000), fc.integer({ min: 1, max: 200 }), (total, count) => {
    let next = 0;
    const sizes = Array.from({ length: count }, (_, index) => {
      const { from, to } = shardRange({ index, count }, total);
      assert.equal(from, next);
      next = to;
      return to - from;
    });
    assert.equal(next, total);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
  }));
});

Deno.test("a part's name tells its place and the number of parts", () => {
  assert.equal(partName({ index: 2, count: 10 }), "part-00002-of-00010");
});
