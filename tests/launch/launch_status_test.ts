import assert from "node:assert/strict";
import { type ShardState, statusLines } from "../../lib/launch/launch_status.ts";

const stage = (name: string, shards: number) => ({
  name,
  job: `${name}-0`,
  shards,
  out: `/o/${name}`,
  script: `/o/it's/${name}.sh`,
  id: "1",
});
const failed = (why: string): ShardState => ({ state: "failed", why });

Deno.test("the status counts shards, says why some failed, and how to run them again", () => {
  const stages = [stage("sample-policy", 4), stage("score-responses", 2), stage("build-dpo", 0)];
  const lines = statusLines(stages, [
    [{ state: "done" }, failed("out of memory"), { state: "running" }, failed("no word")],
    [{ state: "waiting", why: "Dependency" }, failed("it did not come to run")],
    [failed("it did not come to run")],
  ]);
  assert.deepEqual(lines, [
    "sample-policy (/o/sample-policy): 1 done, 1 running, 2 failed of 4",
    "  shard 1: failed: out of memory",
    "  shard 3: failed: no word",
    "score-responses (/o/score-responses): 1 waiting, 1 failed of 2",
    "  shard 1: failed: it did not come to run",
    "  waiting for: Dependency",
    "build-dpo (/o/build-dpo): 1 failed of 1",
    "  the job: failed: it did not come to run",
    "To run the failed ones again:",
    "  job1=$(sbatch --parsable --array=1,3 '/o/it'\\''s/sample-policy.sh')",
    "  job2=$(sbatch --parsable --array=1 --dependency=afterok:$job1 --kill-on-invalid-dep=yes " +
    "'/o/it'\\''s/score-responses.sh')",
    "  job3=$(sbatch --parsable --dependency=afterok:$job2 --kill-on-invalid-dep=yes " +
    "'/o/it'\\''s/build-dpo.sh')",
  ]);
});

Deno.test("nothing is to be run again where nothing failed", () => {
  const lines = statusLines([stage("sample-policy", 1)], [[{ state: "done" }]]);
  assert.deepEqual(lines, ["sample-policy (/o/sample-policy): 1 done of 1"]);
});
