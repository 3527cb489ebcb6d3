/** The proof on few prompts: that it measures, goes on, and fails for a builder that is wrong. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import { buildDpo } from "../../lib/dataset/dpo/dpo_stage.ts";
import { buildSft } from "../../lib/dataset/sft/sft_stage.ts";
import { type Builders, prove } from "../../lib/prove/prove.ts";
import { ProveOptions } from "../../lib/prove/prove_options.ts";
import { inFolder } from "../cli.ts";
import { noTraining, trainPython } from "../dataset/train_python.ts";
import { unless } from "../installed.ts";

const quiet = defaultContext({ log: () => {} });

Deno.test({
  ...unless(
    noTraining,
    "a proof holds for the pair builder and fails for one that swaps its sides; run again it trains nothing, and other weights under a name are noticed",
  ),
  fn: () =>
    inFolder(async (out) => {
      const options = {
        ...{ out, quick: true, prompts: 320, heldOut: 120, learningRate: 3e-4, variant: "nothink" },
        python: await trainPython(),
      };
      const settings = ProveOptions.parse(options);
      const about = (name: string, [proof]: Awaited<ReturnType<typeof prove>>) =>
        proof!.conditions.filter(({ what }) => what.startsWith(name)).map(({ ok }) => ok);
      const first = await prove(settings, quiet);
      const told = JSON.stringify(first[0]!.conditions);
      assert.deepEqual(about("DPO raises", first), [true], told);
      assert.deepEqual(about("flipped pairs lower", first), [true], told);
      assert.equal(new Set(first[0]!.models.map(({ weights }) => weights)).size, 4);

      const file = join(out, "nothink/trained/dpo-1/training.json");
      const { mtime } = await Deno.stat(file);
      assert.deepEqual(await prove(settings, quiet), first);
      assert.deepEqual((await Deno.stat(file)).mtime, mtime);

      // Weights of another model under the same path.
      const trained = (name: string) => join(out, "nothink/trained", name, "onnx/steps.onnx");
      await Deno.copyFile(trained("dpo-1"), `${out}/kept`);
      await Deno.copyFile(trained("flipped-1"), trained("dpo-1"));
      await assert.rejects(prove(settings, quiet), /dpo-1.*policy/);
      await Deno.copyFile(`${out}/kept`, trained("dpo-1"));

      const swapped: Builders["buildDpo"] = (given, around) =>
        buildDpo({ ...given, strategy: given.strategy ? "best-worst" : "flipped" }, around);
      const wrong = await prove(settings, quiet, { buildDpo: swapped, buildSft });
      const found = JSON.stringify(wrong[0]!.conditions);
      assert.notDeepEqual(about("DPO raises", wrong), [true], found);
      assert.deepEqual(about("flipped pairs lower", wrong), [false], found);
    }),
});
