import assert from "node:assert/strict";
import { join } from "node:path";
import type { TextModel } from "../../lib/model/text_model.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { inFolder } from "../cli.ts";

Deno.test("a record that could not be read again is rejected, never kept", () =>
  inFolder(async (folder) => {
    const prompts = join(folder, "prompts.jsonl"), out = join(folder, "out");
    Deno.writeTextFileSync(prompts, '{"id":"odd","prompt":"A"}\n{"id":"even","prompt":"B"}\n');
    const model: TextModel = {
      name: "scripted",
      version: "1",
      concurrency: 1,
      complete: ({ id }) =>
        Promise.resolve([{
          text: "<response> x </response>",
          finishReason: "stop" as const,
          completionTokens: id === "odd" ? -5 : 5,
        }]),
      close: () => Promise.resolve(),
    };
    const policy = { model, render: () => "the <response> tags", templateHash: "" };
    const { manifest } = await samplePolicy(
      { prompts, model: "scripted", format: "prompted-nothink", n: 1, out },
      { context: { log: () => {} }, model: policy },
    );
    assert.deepEqual([manifest.counts.kept, manifest.counts.rejected_by_reason], [1, {
      model_error: 1,
    }]);
    const [reject] = Deno.readTextFileSync(join(out, "rejects", "part-00000-of-00001.jsonl"))
      .split("\n");
    assert.match(JSON.parse(reject!).detail, /responses\[0\]\.completion_tokens/);
  }));
