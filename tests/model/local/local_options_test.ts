import assert from "node:assert/strict";
import { join } from "node:path";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../../lib/model/embedded/paths.ts";
import { InputError } from "../../../lib/core/errors.ts";
import { samplePolicy } from "../../../lib/policy/stage.ts";
import { createPromptedModel } from "../../../lib/prompted/stage.ts";
import { inFolder } from "../../cli.ts";

const quiet = { log: () => {} };

Deno.test("--dtype chooses a folder's graph, is part of the run, and says what there is (67)", () =>
  inFolder(async (folder) => {
    const model = join(folder, "model"), out = join(folder, "out");
    await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant: "think" }, {
      context: quiet,
    });
    await Deno.remove(join(model, "onnx/steps.onnx"));
    await Deno.rename(join(model, "onnx/model.onnx"), join(model, "onnx/model_fp16.onnx"));
    const common = { prompts: EMBEDDED_PROMPTS, limit: 1, n: 1, maxTokens: 4, out };
    const local = { ...common, model: `local/${model}` };
    const refused = (options: Parameters<typeof samplePolicy>[0], ...rules: RegExp[]) =>
      assert.rejects(samplePolicy(options, { context: quiet }), (error) => {
        assert.ok(error instanceof InputError, String(error));
        for (const rule of rules) assert.match(error.message, rule);
        return true;
      });
    await refused({ ...local, dtype: "q4" }, /--dtype q4: .*no onnx\/model_q4\.onnx; it has fp16/);
    const { manifest } = await samplePolicy({ ...local, dtype: "fp16" }, { context: quiet });
    assert.equal(manifest.options.dtype, "fp16");
    await refused(local, /dtype "fp16" \(now null\)/);
    await refused({ ...local, dtype: "fp16", device: "dml" }, /--device dml: .*it has .*cpu/);
    const embedded = { ...common, model: "embedded", format: "prompted-think" as const };
    await refused({ ...embedded, device: "cuda" }, /--device: is for models of local\/DIR/);
  }));

Deno.test("cpu is what nobody has to ask for: with it and without it a run is the same", () =>
  inFolder(async (folder) => {
    const model = join(folder, "model"), out = join(folder, "out");
    await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant: "think" }, {
      context: quiet,
    });
    const options = { prompts: EMBEDDED_PROMPTS, limit: 1, n: 1, maxTokens: 4, out };
    const local = { ...options, model: `local/${model}` };
    const first = await samplePolicy(local, { context: quiet });
    const again = await samplePolicy({ ...local, device: "cpu" }, { context: quiet });
    assert.equal(again.manifest.fingerprint, first.manifest.fingerprint);
  }));
