/** Template and format are held against each other before anything is sampled. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { agreedFormat } from "../../lib/reply/prompt_format.ts";
import { inFolder, runTask } from "../cli.ts";

Deno.test("a think template with another format is refused before anything is sampled", () =>
  inFolder(async (folder) => {
    const tokenizer = join(folder, "think"), out = join(folder, "out");
    await createPromptedModel({ model: EMBEDDED_POLICY, out: tokenizer, variant: "think" }, {
      context: {
        log: () => {},
      },
    });
    const args = [
      ...["--prompts", EMBEDDED_PROMPTS, "--model", `local/${tokenizer}`, "--limit", "2"],
      ...["--n", "1", "--max-tokens", "16", "--out", out],
    ];
    for (const format of ["prompted-nothink", "chat"]) {
      const { code, stderr } = await runTask("sample-policy", [...args, "--format", format]);
      assert.equal(code, 2);
      assert.match(
        stderr,
        new RegExp(`--format ${format}: the chat template asks for prompted-th`),
      );
    }
    const { manifest } = await samplePolicy({
      ...{ prompts: EMBEDDED_PROMPTS, model: `local/${tokenizer}`, limit: 2, n: 1 },
      ...{ maxTokens: 16, out },
    }, { context: { log: () => {} } });
    assert.equal(manifest.options.format, "prompted-think");
  }));

Deno.test("what only speaks against a format is a warning; without a format one must be told", () => {
  const said: string[] = [];
  const agreed = (format: Parameters<typeof agreedFormat>[0], prompt: string) =>
    agreedFormat(format, () => prompt, (line) => said.push(line));
  assert.equal(agreed("prompted-think", "<|user|>Hello<|assistant|>"), "prompted-think");
  assert.match(said.pop()!, /does not ask for <response>/);
  assert.equal(agreed("chat", "<|user|>Hello<|assistant|><think>\n"), "chat");
  assert.match(said.pop()!, /opens a thought/);
  assert.equal(agreed("chat-think", "<|assistant|><think>\n\n</think>\n\n"), "chat-think");
  assert.match(said.pop()!, /closes an empty thought/);
  for (const format of ["chat", "chat-think"] as const) {
    agreed(format, "<|start|>user<|message|>Hello<|end|><|start|>assistant");
    assert.match(said.pop()!, /harmony's: .*thoughts would stand in answers/);
  }
  assert.equal(agreed("chat", "<|user|>Hello<|assistant|>"), "chat");
  assert.deepEqual(said, []);
  assert.throws(() => agreed(undefined, "<|user|>Hello"), /--format is needed/);
});
