import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { EMBEDDED_POLICY, EMBEDDED_TRAIN_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { readRoundConfig } from "../../lib/round/read_config.ts";
import { rounds } from "../../lib/round/rounds.ts";
import { inFolder, runTask, startTask } from "../cli.ts";

/** A trainer for tests: the model again, its last norm's weights a little larger; it can be told to fail. */
const TRAINER = `
const [model, dataset, out, failOnce] = Deno.args;
await new Deno.Command("cp", { args: ["-r", model + "/.", out] }).output();
await Deno.stat(dataset + "/manifest.json");
if (failOnce && await Deno.stat(failOnce).catch(() => null) === null) {
  await Deno.writeTextFile(failOnce, "");
  Deno.exit(3);
}
const file = out + "/onnx/model.onnx", bytes = await Deno.readFile(file);
const at = 270252 + 2 * 1000 * 128;
for (let i = at; i < at + 2000; i += 2) bytes[i] = (bytes[i] + 1) % 256;
await Deno.writeFile(file, bytes);
`;

async function setUp(root: string, name: string, more: Record<string, unknown> = {}) {
  const model = join(root, "zero"), trainer = join(root, "trainer.ts");
  if (await Deno.stat(model).catch(() => null) === null) {
    await createPromptedModel(
      { model: EMBEDDED_POLICY, out: model, variant: "nothink" },
      { context: quiet },
    );
    await Deno.writeTextFile(trainer, TRAINER);
  }
  const file = join(root, `${name}.json`);
  const train = [Deno.execPath(), "run", "-A", trainer, "{model}", "{dataset}", "{out}"];
  const config = {
    out: join(root, name),
    prompts: EMBEDDED_TRAIN_PROMPTS,
    model,
    rewardModel: "embedded",
    sample: { n: 4, temperature: 1, maxTokens: 32, limit: 12 },
    build: { minResponses: 2, trainSplit: 1 },
    train,
    ...more,
  };
  await Deno.writeTextFile(file, JSON.stringify(config));
  return { file, config };
}

/** What a round leaves, in the order in which it does. */
const KILLED_AT = [
  ...["round-1/trained", "round-1/round.json", "round-2/policy", "round-2/scored"],
  ...["round-2/dataset", "round-2/trained.making", "round-2/trained"],
];

const quiet = defaultContext({ log: () => {} });

Deno.test("two rounds follow one another by their weights; a trainer that fails and a process that is killed at any step change nothing of the table", () =>
  inFolder(async (root) => {
    const whole = await setUp(root, "whole");
    const told = await rounds(await readRoundConfig(whole.file), 2, quiet);
    assert.equal(told.length, 2);
    assert.equal(told[1]!.policy, told[0]!.trained);
    assert.equal(new Set([told[0]!.policy, told[0]!.trained, told[1]!.trained]).size, 3);
    assert.notDeepEqual(told[0]!.dataset, told[1]!.dataset);
    const lineage = JSON.parse(
      await Deno.readTextFile(`${root}/whole/round-2/trained/lineage.json`),
    );
    assert.equal(lineage.source.weights, told[1]!.policy);

    const broken = await setUp(root, "broken", {
      train: [...whole.config.train, join(root, "failed-once")],
    });
    await assert.rejects(
      async () => await rounds(await readRoundConfig(broken.file), 2, quiet),
      /deno failed with status 3/,
    );
    // Killed again and again, each time a step further.
    for (const step of KILLED_AT) {
      const child = startTask("round", ["--config", broken.file, "--rounds", "2"]);
      let ended = false;
      const output = child.output().finally(() => ended = true);
      const place = join(root, "broken", step);
      while (!ended && await Deno.stat(place).catch(() => null) === null) {
        await new Promise((done) => setTimeout(done, 10));
      }
      if (!ended) child.kill("SIGKILL");
      await output;
    }
    const again = await runTask("round", ["--config", broken.file, "--rounds", "2"]);
    assert.equal(again.code, 0, again.stderr);
    for (const round of [1, 2]) {
      const account = await Deno.readTextFile(join(root, `broken/round-${round}/round.json`));
      assert.deepEqual(JSON.parse(account), told[round - 1]);
    }
    assert.match(again.stdout, /round +policy +reference/);

    // Weights exchanged under a round that was sampled already.
    const weights = join(root, "whole/round-1/trained/onnx/model.onnx");
    await Deno.copyFile(join(root, "zero/onnx/model.onnx"), weights);
    await assert.rejects(
      async () => await rounds(await readRoundConfig(whole.file), 2, quiet),
      /round-2\/policy/,
    );
  }));

Deno.test("earlier rounds' replies are pooled when asked, or removed, and their accounts stay", () =>
  inFolder(async (root) => {
    const pooled = await setUp(root, "pooled", { pool: true });
    const [, second] = await rounds(await readRoundConfig(pooled.file), 2, quiet);
    const card = await Deno.readTextFile(join(root, "pooled/round-2/dataset/manifest.json"));
    assert.match(card, /round-1\/scored/);
    assert.ok(second!.rows > 0);

    const bare = await setUp(root, "bare", { history: "replace" });
    const config = await readRoundConfig(bare.file);
    const told = await rounds(config, 2, quiet);
    const names = [...Deno.readDirSync(join(root, "bare/round-1"))].map(({ name }) => name).sort();
    assert.deepEqual(names, ["round.json", "trained"]);
    assert.deepEqual(await rounds(config, 2, quiet), told);
  }));

Deno.test("a file of rounds that is wrong is told by its field", () =>
  inFolder(async (root) => {
    const tell = async (more: Record<string, unknown>) => {
      const { file } = await setUp(root, "wrong", more);
      const { code, stderr } = await runTask("round", ["--config", file]);
      assert.equal(code, 2, stderr);
      return stderr;
    };
    assert.match(
      await tell({ train: ["true", "{data}", "{out}"] }),
      /wrong\.json: train: \{data\} is none of/,
    );
    assert.match(
      await tell({ train: ["true"] }),
      /wrong\.json: train: \{out\} does not stand in it/,
    );
    assert.match(await tell({ pool: true, history: "replace" }), /wrong\.json: pool: needs/);
    assert.match(await tell({ rewards: 1 }), /wrong\.json: .*rewards/);
  }));
