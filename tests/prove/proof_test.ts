/** The proof on few prompts: that it fails for a builder that is wrong, goes on, and has rounds. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { folderIdentity } from "../../lib/io/disk/folder_identity.ts";
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { laterRounds } from "../../lib/prove/later_rounds.ts";
import { type Builders, prove } from "../../lib/prove/prove.ts";
import { ProveOptions } from "../../lib/prove/prove_options.ts";
import type { RoundTold } from "../../lib/round/rounds.ts";
import { inFolder } from "../cli.ts";
import { noTraining, trainPython } from "../dataset/train_python.ts";
import { unless } from "../installed.ts";

const quiet = defaultContext({ log: () => {} });

// That it holds for the builders as they are is what .ci/run asks of prove --quick.
Deno.test({
  ...unless(
    noTraining,
    "a proof fails for a pair builder that swaps its sides; run again it trains nothing, and other weights under a name are noticed",
  ),
  fn: () =>
    inFolder(async (out) => {
      const options = {
        ...{ out, quick: true, prompts: 128, heldOut: 80, learningRate: 1e-3, variant: "nothink" },
        python: await trainPython(),
      };
      const settings = ProveOptions.parse(options);
      const about = (name: string, [proof]: Awaited<ReturnType<typeof prove>>) =>
        proof!.conditions.filter(({ what }) => what.startsWith(name)).map(({ ok }) => ok);
      const swapping: Builders = {
        buildSft,
        buildDpo: (given, around) =>
          buildDpo({ ...given, strategy: given.strategy ? "best-worst" : "flipped" }, around),
      };
      const wrong = await prove(settings, quiet, swapping);
      const found = JSON.stringify(wrong[0]!.conditions);
      assert.notDeepEqual(about("DPO raises", wrong), [true], found);
      assert.deepEqual(about("flipped pairs lower", wrong), [false], found);
      // Not because so few prompts teach nothing: each has learnt the other's sides.
      assert.match(found, /"DPO raises the share right","found":"-/);
      assert.match(found, /"flipped pairs lower it","found":"\+/);

      const file = join(out, "nothink/trained/flipped-1/training.json");
      const { mtime } = await Deno.stat(file);
      assert.deepEqual(await prove(settings, quiet, swapping), wrong);
      assert.deepEqual((await Deno.stat(file)).mtime, mtime);

      // Weights of another model under the same path.
      const trained = (name: string) => join(out, "nothink/trained", name, "onnx/steps.onnx");
      await Deno.copyFile(trained("best-of-8-1"), trained("flipped-1"));
      await assert.rejects(prove(settings, quiet, swapping), /flipped-1.*policy/);
    }),
});

Deno.test({
  ...unless(noTraining, "a second round samples the model that the first one trained, with TRL"),
  fn: () =>
    inFolder(async (root) => {
      const folder = join(root, "first"), out = join(root, "rounds"), format = "prompted-nothink";
      await createPromptedModel(
        { model: EMBEDDED_POLICY, out: folder, variant: "nothink" },
        { context: quiet },
      );
      const first = { name: "dpo-3", arm: "dpo", seed: 3, round: 1, folder };
      const training = { method: "dpo", seed: 3, learningRate: 1e-4, batch: 16 } as const;
      const next = (python: string) =>
        laterRounds(first, 1, {
          ...{ out, format, limit: 24, seed: 42, python, threads: 1 },
          training: { ...training, loss: ["sigmoid"], stops: false },
        }, quiet);
      await assert.rejects(next("/nowhere/python"), /\/nowhere\/python could not be started/);
      const [second] = await next(await trainPython());
      assert.equal(second!.name, "dpo-3-round-2");
      const told: RoundTold = JSON.parse(await Deno.readTextFile(join(out, "round-1/round.json")));
      assert.equal(told.policy, (await folderIdentity(folder)).weights);
      assert.equal(told.trained, (await folderIdentity(second!.folder)).weights);
      assert.notEqual(told.trained, told.policy);
    }),
});
