import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { runTask } from "../cli.ts";
import { unless } from "../installed.ts";
import { pause, type SlurmNode, startSlurm, whyNoSlurm } from "./slurm_node.ts";

const PROMPTS = 200;
const SAMPLING = { model: "embedded", format: "prompted-think", n: 4, maxTokens: 48 } as const;
const BUILDING = { minResponses: 2, maxLength: 512 };

Deno.test({
  ...unless(
    whyNoSlurm(),
    "an array of 4 on a real SLURM, one task requeued, one killed: the bytes of one process",
  ),
  fn: async (t) => {
    const root = await Deno.makeTempDir();
    // Quotes and spaces in every path: all of them go through a shell, and through #SBATCH lines.
    const folder = join(root, "it's a $(run)");
    await Deno.mkdir(folder);
    const slurm = await startSlurm(root);
    try {
      const prompts = join(folder, "prompts.jsonl");
      await writePrompts(prompts);
      const tokenizer = join(folder, "model");
      await createPromptedModel(
        { model: "lib/embedded/policy", out: tokenizer, variant: "think" },
        { context: { log: () => {} } },
      );
      const expected = await oneProcess(folder, prompts, tokenizer);
      const run = new LaunchedRun(slurm, folder, prompts, tokenizer);

      await t.step("launch submits the array and what follows it", async () => {
        const launched = await run.launch();
        assert.equal(launched.code, 0, launched.stderr);
        assert.match(launched.stderr, /sample-policy: job \d+, 4 shard\(s\)/);
        assert.match(launched.stderr, /build-dpo: job \d+, one job, after \d+/);
      });

      await t.step("one task is requeued in the middle, one killed by SIGKILL", async () => {
        await run.untilRecords(1, 4);
        await slurm.run("scontrol", "requeue", `${await run.arrayId()}_1`);
        await run.untilRecords(2, 4);
        await run.kill(2);
        await run.untilQuiet();
        assert.ok(run.log(1).split("SIGTERM").length > 1, "the requeued task was asked to end");
        assert.equal(run.records(1).length, 50, "the requeued task went on where it had been");
        assert.ok(run.records(2).length < 50, "the killed task is not done");
      });

      await t.step("the status names what failed, and its lines run it again", async () => {
        const { stderr } = await run.status();
        assert.match(stderr, /sample-policy .*: 3 done, 1 failed of 4/);
        assert.match(stderr, /shard 2: failed/);
        assert.match(stderr, /build-dpo .*: 1 failed of 1/);
        const lines = stderr.split("\n").filter((line) => /^\s+job\d=/.test(line));
        assert.equal(lines.length, 3);
        assert.match(lines[0]!, /--array=2 /);
        await slurm.run("bash", "-c", lines.join("\n"));
        await run.untilQuiet();
        assert.match((await run.status()).stderr, /build-dpo .*: 1 done of 1/);
      });

      await t.step("the dataset's bytes are those of one process", () => {
        assert.deepEqual(parquet(join(folder, "dataset")), expected);
      });
    } finally {
      await slurm.stop();
      await Deno.remove(root, { recursive: true });
    }
  },
});

/** A launch of the three stages, and what a test does to its jobs. */
class LaunchedRun {
  readonly out: string;

  constructor(
    readonly slurm: SlurmNode,
    readonly folder: string,
    readonly prompts: string,
    readonly tokenizer: string,
  ) {
    this.out = join(folder, "policy");
  }

  launch() {
    const { model, format, n, maxTokens } = SAMPLING;
    const { minResponses, maxLength } = BUILDING;
    return runTask("launch", [
      ...["--stage", "sample-policy", "--shards", "4", "--out", this.out],
      ...["--partition", "all", "--time", "10:00", "--sbatch", 'comment=a "quoted" #comment'],
      ...["--", "--prompts", this.prompts, "--model", model, "--format", format],
      ...["--n", `${n}`, "--max-tokens", `${maxTokens}`, "--concurrency", "2"],
      ...["--then", "score-responses", "--reward-model", "embedded", "--shards", "2"],
      ...["--then", "build-dpo", "--tokenizer", this.tokenizer],
      ...["--min-responses", `${minResponses}`, "--max-length", `${maxLength}`],
      ...["--out", join(this.folder, "dataset")],
    ], this.slurm.env);
  }

  status() {
    return runTask("launch", ["--status", "--out", this.out], this.slurm.env);
  }

  async arrayId(): Promise<string> {
    return (await this.slurm.run("squeue", "-h", "-o", "%F %j")).split("\n")
      .find((line) => line.includes("sample-policy"))!.split(" ")[0]!;
  }

  records(shard: number): string[] {
    const part = `part-0000${shard}-of-00004`;
    try {
      const text = Deno.readTextFileSync(join(this.out, "records", `${part}.jsonl`));
      return text.split("\n").slice(0, -1);
    } catch {
      return [];
    }
  }

  log(shard: number): string {
    const logs = join(this.out, "launch/logs");
    return [...Deno.readDirSync(logs)]
      .filter(({ name }) => name.startsWith("1-") && name.endsWith(`_${shard}.log`))
      .map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("");
  }

  async untilRecords(shard: number, count: number): Promise<void> {
    for (let tries = 0; this.records(shard).length < count; tries++) {
      assert.ok(tries < 1200, `shard ${shard} has no ${count} records: ${this.log(shard)}`);
      await pause(50);
    }
  }

  async untilQuiet(): Promise<void> {
    for (let tries = 0; await this.slurm.run("squeue", "-h") !== ""; tries++) {
      assert.ok(tries < 2400, await this.slurm.run("squeue"));
      await pause(100);
    }
  }

  /** The process that holds the shard's lock dies at once. */
  async kill(shard: number): Promise<void> {
    const lock = Deno.readTextFileSync(join(this.out, `.lock-part-0000${shard}-of-00004`));
    Deno.kill(Number(/pid (\d+)/.exec(lock)![1]), "SIGKILL");
    await Promise.resolve();
  }
}

async function writePrompts(path: string): Promise<void> {
  const lines = (await Deno.readTextFile("lib/embedded/prompts.jsonl")).split("\n");
  await Deno.writeTextFile(path, lines.slice(0, PROMPTS).join("\n") + "\n");
}

/** The three stages in this process, and the dataset's files. */
async function oneProcess(folder: string, prompts: string, tokenizer: string) {
  const at = (name: string) => join(folder, "expected", name);
  const quiet = { log: () => {}, env: () => undefined };
  await samplePolicy({ ...SAMPLING, prompts, out: at("policy"), concurrency: 2 }, {
    context: quiet,
  });
  await scoreResponses({ in: at("policy"), rewardModel: "embedded", out: at("scored") }, {
    context: quiet,
  });
  await buildDpo({ ...BUILDING, in: at("scored"), tokenizer, out: at("dataset") }, {
    context: quiet,
  });
  const files = parquet(at("dataset"));
  assert.deepEqual(Object.keys(files).map((name) => name.split("-")[0]), ["train", "validation"]);
  return files;
}

function parquet(dataset: string): Record<string, Uint8Array> {
  const folder = resolve(dataset, "data");
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(names.map((name) => [name, Deno.readFileSync(join(folder, name))]));
}
