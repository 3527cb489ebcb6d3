import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFlags } from "../../lib/cli/flags.ts";
import { InputError } from "../../lib/core/errors.ts";
import { type JobPlace, jobScript } from "../../lib/launch/job_script.ts";
import { LaunchOptions, planLaunch, ResourceOptions } from "../../lib/launch/launch_plan.ts";
import { sbatchValue, shellLine, shellQuote } from "../../lib/launch/shell_quote.ts";

const place: JobPlace = { deno: "/bin/deno", home: "/opt/ts/", cwd: "/work", folder: "/o/launch" };

function plan(options: Partial<LaunchOptions>, rest: string[]) {
  const whole = LaunchOptions.parse({ out: "/o", stage: "sample-policy", ...options });
  return planLaunch(whole, rest, (args) => parseFlags(ResourceOptions, args));
}

const scripts = (options: Partial<LaunchOptions>, rest: string[]) =>
  plan(options, rest).map((stage, index) => jobScript(stage, index, place));

const POLICY = ["--prompts", "p.jsonl", "--model", "vllm/org/name", "--format", "chat"];

Deno.test("a shell reads every quoted text back as it was", async () => {
  const text = fc.string({ unit: "binary" }).filter((each) => !each.includes("\0"));
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (words) => {
      const args = ["-c", `printf '%s\\0' ${shellLine(words)}`];
      const { stdout } = await new Deno.Command("bash", { args }).output();
      assert.deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), words);
    }),
    { numRuns: 30 },
  );
  assert.throws(() => shellQuote("a\0b"), InputError);
});

Deno.test("a value for sbatch cannot begin a line of its own", () => {
  assert.equal(sbatchValue("gres", "gpu:a100:2"), "gpu:a100:2");
  assert.equal(sbatchValue("comment", 'a "b" \\'), '"a \\"b\\" \\\\"');
  assert.throws(() => sbatchValue("time", "1:00\n#SBATCH --uid=0"), InputError);
});

Deno.test("a job script holds the resources and one command", () => {
  const [script] = scripts(
    {
      shards: 10,
      parallel: 3,
      partition: "gpu",
      gres: "gpu:1",
      time: "3:00:00",
      sbatch: ["exclusive"],
    },
    POLICY,
  );
  assert.equal(
    script!.replace(/sample-policy-[0-9a-f]{8}/, "sample-policy-HASH"),
    `#!/bin/bash
#SBATCH --job-name=sample-policy-HASH
#SBATCH --output=/o/launch/logs/1-sample-policy-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --array=0-9%3
#SBATCH --partition=gpu
#SBATCH --gres=gpu:1
#SBATCH --time=3:00:00
#SBATCH --exclusive

# sample-policy: shard $SLURM_ARRAY_TASK_ID of 10 (from 0). Requeued or run again, it does only what is left.
set -eo pipefail
cd /work
exec /bin/deno run --config /opt/ts/deno.json -RWESN --allow-ffi --v8-flags=--heap-growing-percent=30,--max-semi-space-size=4 /opt/ts/scripts/sample_policy.ts --out /o --prompts p.jsonl --model vllm/org/name --format chat --shard "$SLURM_ARRAY_TASK_ID/10"
`,
  );
});

Deno.test("a server's command is one quoted word with the model quoted inside", () => {
  const flags = ["--prompts", "p", "--model", "vllm/it's $(rm -rf .)", "--format", "chat"];
  const [script] = scripts({ serve: "vllm serve {model} --port {port}" }, flags);
  const inner = shellQuote(`vllm serve ${shellQuote("it's $(rm -rf .)")} --port {port}`);
  assert.ok(script!.includes(`--serve ${inner} --log `), script);
  assert.match(script!, /--serve-timeout 1800 -- \\\n {2}\/bin\/deno run .*sample_policy\.ts /);
});

Deno.test("chained stages read the one before, and take over what makes sense for them", () => {
  const stages = plan(
    { shards: 4, partition: "gpu", gres: "gpu:1", serve: "serve {port}", setup: ["module load x"] },
    [
      ...POLICY,
      ...["--then", "score-responses", "--reward-model", "vllm/rm", "--serve", "serve rm {port}"],
      ...["--then", "build-dpo", "--time=1:00", "--tokenizer", "t", "--out", "/d"],
      ...["--then", "report", "--", "--in", "/d", "--time", "of the stage"],
    ],
  );
  assert.deepEqual(stages.map(({ name, shards, out }) => [name, shards, out]), [
    ["sample-policy", 4, "/o"],
    ["score-responses", 4, "/o-score-responses"],
    ["build-dpo", 0, "/d"],
    ["report", 0, "/o-report"],
  ]);
  const [, scoring, building, report] = stages;
  assert.deepEqual(scoring!.flags, [
    ...["--out", "/o-score-responses", "--in", "/o", "--reward-model", "vllm/rm"],
  ]);
  assert.equal(scoring!.resources.serve, "serve rm {port}");
  assert.deepEqual([building!.resources.gres, building!.resources.time], [undefined, "1:00"]);
  assert.deepEqual(building!.resources.setup, ["module load x"]);
  assert.deepEqual(building!.flags, [
    ...["--in", "/o-score-responses", "--tokenizer", "t", "--out", "/d"],
  ]);
  assert.deepEqual(report!.flags, ["--out", "/o-report", "--in", "/d", "--time", "of the stage"]);
});

Deno.test("a launch that cannot work is refused in one line", () => {
  const refused: [Partial<LaunchOptions>, string[], RegExp][] = [
    [{ stage: undefined }, [], /--stage NAME is needed/],
    [{ stage: "demo" }, [], /stage "demo": one of/],
    [{ stage: "build-dpo", shards: 4 }, [], /build-dpo is one job/],
    [{ serve: "vllm serve" }, POLICY, /must hold \{port\}/],
    [{ serve: "s {port}" }, [...POLICY, "--base-url", "http://x"], /--base-url/],
    [{}, [...POLICY, "--shard", "1/2"], /--shard: the array gives it/],
    [{}, [...POLICY, "--then"], /name a stage/],
    [{ sbatch: ["--uid 0"] }, POLICY, /give OPTION or OPTION=VALUE/],
    [{ setup: ["a\nb"] }, POLICY, /--setup: must be one line/],
    [{ serve: "s {model} {port}" }, ["--prompts", "p", "--model", "embedded"], /\{model\} needs/],
  ];
  for (const [options, rest, rule] of refused) {
    assert.throws(() => scripts(options, rest), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, rule);
      return true;
    });
  }
});
