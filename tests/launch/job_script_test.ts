import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../lib/core/errors.ts";
import { type JobPlace, jobScript } from "../../lib/launch/job_script.ts";
import { LaunchOptions } from "../../lib/launch/launch_options.ts";
import { planLaunch } from "../../lib/launch/launch_plan.ts";
import { sbatchValue, shellLine, shellQuote } from "../../lib/launch/shell_quote.ts";
import { stages } from "../../lib/stages.ts";

/** Where packages lie is for the node's own shell to say. */
const FFI = '"--allow-ffi=$DENO_DIR/npm,$XDG_CACHE_HOME/deno/npm,$HOME/.cache/deno/npm,' +
  '$HOME/Library/Caches/deno/npm,$LOCALAPPDATA/deno/npm"';

const place: JobPlace = { deno: "/bin/deno", home: "/opt/ts/", cwd: "/work", folder: "/o/launch" };

function plan(options: Partial<LaunchOptions>, rest: string[]) {
  const whole = LaunchOptions.parse({ out: "/o", stage: "sample-policy", ...options });
  return planLaunch(whole, rest, stages);
}

const scripts = async (options: Partial<LaunchOptions>, rest: string[]) =>
  (await plan(options, rest)).map((planned, index) => jobScript(planned, index, place));

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

Deno.test("a job script holds the resources and one command", async () => {
  const [script] = await scripts(
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
exec /bin/deno run --config /opt/ts/deno.json -RWESN ${FFI} --v8-flags=--heap-growing-percent=30,--max-semi-space-size=4 /opt/ts/scripts/sample_policy.ts --out /o --prompts p.jsonl --model vllm/org/name --format chat --shard "$SLURM_ARRAY_TASK_ID/10"
`,
  );
});

Deno.test("a server's command is one quoted word with the model quoted inside", async () => {
  const flags = ["--prompts", "p", "--model", "vllm/it's $(rm -rf .)", "--format", "chat"];
  const [script] = await scripts({ serve: "vllm serve {model} --port {port}" }, flags);
  const inner = shellQuote(`vllm serve ${shellQuote("it's $(rm -rf .)")} --port {port}`);
  assert.ok(script!.includes(`--serve ${inner} --log `), script);
  assert.match(script!, /--serve-timeout 1800 -- \\\n {2}\/bin\/deno run .*sample_policy\.ts /);
});

Deno.test("chained stages read the one before, and take over what makes sense for them", async () => {
  const planned = await plan(
    { shards: 4, partition: "gpu", gres: "gpu:1", serve: "serve {port}", setup: ["module load x"] },
    [
      ...POLICY,
      ...["--then", "score-responses", "--reward-model", "vllm/rm", "--serve", "serve rm {port}"],
      ...["--then", "build-dpo", "--time=1:00", "--tokenizer", "t", "--out", "/d"],
      ...["--then", "report", "--", "--in", "/d", "--title", "of the stage"],
    ],
  );
  assert.deepEqual(planned.map(({ stage, shards, out }) => [stage.name, shards, out]), [
    ["sample-policy", 4, "/o"],
    ["score-responses", 4, "/o-score-responses"],
    ["build-dpo", 0, "/d"],
    ["report", 0, "/o-report.html"],
  ]);
  const [, scoring, building, report] = planned;
  assert.deepEqual(scoring!.flags, [
    ...["--out", "/o-score-responses", "--in", "/o", "--reward-model", "vllm/rm"],
  ]);
  assert.equal(scoring!.resources.serve, "serve rm {port}");
  assert.deepEqual([building!.resources.gres, building!.resources.time], [undefined, "1:00"]);
  assert.deepEqual(building!.resources.setup, ["module load x"]);
  assert.deepEqual(building!.flags, [
    ...["--in", "/o-score-responses", "--tokenizer", "t", "--out", "/d"],
  ]);
  assert.deepEqual(report!.flags, [
    ...["--out", "/o-report.html", "--in", "/d", "--title", "of the stage"],
  ]);
});

Deno.test("every stage can be chained: it is given its own flag for what it reads (25)", async () => {
  const planned = await plan({ shards: 2 }, [
    ...POLICY,
    ...["--then", "sample-teacher", "--model", "embedded"],
    ...["--then", "verify"],
    ...["--then", "build-rl", "--prompt-key", "question"],
    ...["--then", "sample-policy", "--model", "embedded", "--format", "chat", "--prompts", "/p"],
    ...["--then", "verify", "--in", "/elsewhere"],
  ]);
  assert.deepEqual(planned.slice(1).map(({ stage, flags }) => [stage.name, ...flags]), [
    ["sample-teacher", "--out", "/o-sample-teacher", "--prompts", "/o", "--model", "embedded"],
    ["verify", "--in", "/o-sample-teacher"],
    [
      ...["build-rl", "--out", "/o-build-rl", "--prompts", "/o-sample-teacher"],
      ...["--prompt-key", "question"],
    ],
    [
      ...["sample-policy", "--out", "/o-sample-policy", "--model", "embedded"],
      ...["--format", "chat", "--prompts", "/p"],
    ],
    ["verify", "--in", "/elsewhere"],
  ]);
  assert.deepEqual(planned.map(({ shards }) => shards), [2, 2, 0, 0, 2, 0]);
  const script = jobScript(planned[2]!, 2, place);
  const marked = /\nrm -f (\S+)\n\/bin\/deno run .*verify\.ts .*\ntouch (\S+)\n$/.exec(script);
  assert.equal(marked?.[1], "/o/launch/3-verify.done", script);
  assert.equal(marked?.[2], marked?.[1], script);
});

Deno.test("a launch that cannot work is refused in one line, before anything is submitted", async () => {
  const refused: [Partial<LaunchOptions>, string[], RegExp][] = [
    [{ stage: undefined }, [], /--stage NAME is needed: create-prompted-model, sample-teacher/],
    [{ stage: "demo" }, [], /stage "demo": one of/],
    [{ stage: "sample-polcy" }, [], /did you mean sample-policy\?/],
    [{ stage: "build-dpo", shards: 4 }, [], /build-dpo is one job/],
    [{ serve: "vllm serve" }, POLICY, /must hold \{port\}/],
    [{ serve: "s {port}" }, [...POLICY, "--base-url", "http://x"], /--base-url/],
    [{}, [...POLICY, "--shard", "1/2"], /--shard: the array gives it/],
    [{}, [...POLICY, "--then"], /name a stage/],
    [{}, [...POLICY, "--then", "score"], /stage "score": one of/],
    [{}, [...POLICY, "--temprature", "1"], /sample-policy: .*did you mean --temperature/],
    [{}, [...POLICY, "--n", "none"], /sample-policy: --n none: not a number/],
    [{}, POLICY.slice(2), /sample-policy: --prompts PATH is needed/],
    [
      {},
      [...POLICY, "--then", "score-responses", "--reward-modell", "embedded"],
      /score-responses: .*did you mean --reward-model/,
    ],
    [{}, [...POLICY, "--then", "build-dpo"], /build-dpo: --tokenizer DIR is needed/],
    [{}, [...POLICY, "--then", "build-dpo", "--tme", "1:00"], /build-dpo: there is no flag --tme/],
    [{ sbatch: ["--uid 0"] }, POLICY, /give OPTION or OPTION=VALUE/],
    [{ setup: ["a\nb"] }, POLICY, /--setup: must be one line/],
    [
      { serve: "s {model} {port}" },
      ["--prompts", "p", "--model", "embedded", "--format", "chat"],
      /\{model\} needs/,
    ],
  ];
  for (const [options, rest, rule] of refused) {
    await assert.rejects(scripts(options, rest), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, rule);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
});
