import assert from "node:assert/strict";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/paths.ts";
import { StepsModel } from "../../../lib/model/local/steps_model.ts";
import { createPromptedModel } from "../../../lib/prompted/stage.ts";
import { noTraining, trainPython } from "../../dataset/train_python.ts";
import { unless } from "../../installed.ts";

interface Told {
  prompt: number[];
  logits: number[];
  ids: number[];
  /** Of its int8 weights. */
  largest: number;
}

const root = new URL("../../../", import.meta.url).pathname;
const out = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));

async function exported(): Promise<Record<string, Told>> {
  const { success, stdout, stderr } = await new Deno.Command(await trainPython(), {
    args: [`${root}tests/model/local/export_models.py`, `${root}scripts/export_onnx`, out]
      .concat(EMBEDDED_POLICY),
    env: { HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr).slice(-2000));
  return JSON.parse(decoder.decode(stdout));
}

/** The likeliest tokens, one after another, of two rows of a prompt beside a row of another. */
async function greedy(model: StepsModel, prompt: number[], length: number): Promise<number[]> {
  const likeliest = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
  const batch = model.batch<{ tokens: number[]; temperature: number }>();
  const other = prompt.slice(0, 30);
  for (const [tokens, count] of [[other, 1], [prompt, 2]] as const) {
    const prefill = await model.read(tokens);
    const rows = Array.from({ length: count }, () => ({
      tokens: [...tokens, likeliest(prefill.logits)],
      temperature: 0,
    }));
    batch.join(prefill, rows);
  }
  for (let i = 1; i < length; i++) {
    const next = await batch.step();
    batch.rows.forEach((row, at) => {
      const given = next[at]!;
      row.tokens.push(likeliest("logits" in given ? given.logits : given.weights));
    });
  }
  const [, one, two] = batch.rows.map((row) => row.tokens.slice(prompt.length));
  assert.deepEqual(one, two);
  return one!;
}

Deno.test({
  ...unless(
    noTraining,
    "exported Llama, Qwen2 and Qwen3 models give transformers' logits and greedy tokens",
  ),
  fn: async () => {
    for (const [name, { prompt, logits, ids, largest }] of Object.entries(await exported())) {
      const range = Math.max(...logits) - Math.min(...logits);
      for (const [store, most] of [["fp32", 1e-5], ["fp16", 1e-2], ["int8", 0.2]] as const) {
        const model = await StepsModel.open(`${out}/${name}-${store}`);
        assert.equal(model.exact, true, `${name} ${store}`);
        const read = await model.read(prompt);
        const apart = Math.max(...logits.map((logit, i) => Math.abs(logit - read.logits[i]!)));
        assert.ok(apart < most * range, `${name} ${store}: ${apart} of ${range}`);
        if (store === "fp32") assert.deepEqual(await greedy(model, prompt, ids.length), ids, name);
        await model.close();
      }
      // Right on a processor that cuts sums of bytes off, in any program (9).
      assert.equal(largest, 64, name);
    }
  },
});

Deno.test({
  ...unless(
    noTraining,
    "a trainer loads the embedded policy; saved and exported again it gives the same numbers, and stays a prompted model",
  ),
  fn: async () => {
    const [prompted, saved, again] = ["prompted", "saved", "again"].map((name) => `${out}/${name}`);
    await createPromptedModel({ model: EMBEDDED_POLICY, out: prompted!, variant: "think" });
    const { success, stdout, stderr } = await new Deno.Command(await trainPython(), {
      args: [`${root}tests/model/local/trained_weights.py`, `${root}scripts/export_onnx`]
        .concat(prompted!, saved!, again!),
      env: { HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
    }).output();
    const decoder = new TextDecoder();
    assert.ok(success, decoder.decode(stderr).slice(-2000));
    const told = JSON.parse(decoder.decode(stdout).trim().split("\n").at(-1)!);
    assert.equal(told.dtype, "torch.float32");
    const logits: number[][] = [];
    for (const folder of [EMBEDDED_POLICY, again!]) {
      const model = await StepsModel.open(folder);
      logits.push([...(await model.read([1, 300, 301, 302, 40, 50])).logits]);
      await model.close();
    }
    assert.deepEqual(logits[1], logits[0]);
    for (const name of ["stop.txt", "longcot_config.json", "chat_template.jinja"]) {
      const text = await Deno.readTextFile(`${prompted}/${name}`);
      assert.equal(await Deno.readTextFile(`${again}/${name}`), text, name);
    }
    const lineage = JSON.parse(await Deno.readTextFile(`${again}/lineage.json`));
    assert.equal(lineage.source.path, await Deno.realPath(saved!));
  },
});
