/** The chat template's own variables, by `--template-arg` (finding 68). */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openPolicy } from "../../lib/model/open.ts";
import { EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { inFolder, runTask } from "../cli.ts";

/** As Qwen3's: an empty thought is closed for the model where it is told not to think. */
const TEMPLATE = "{{ messages[0].content }}\n" +
  "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}";

function writeTemplate(folder: string): string {
  Deno.writeTextFileSync(join(folder, "chat_template.jinja"), TEMPLATE);
  Deno.writeTextFileSync(join(folder, "tokenizer_config.json"), "{}");
  return folder;
}

Deno.test("a template's variable changes the prompt and the run's fingerprint", () =>
  inFolder(async (folder) => {
    const tokenizer = writeTemplate(folder);
    const rendered = async (templateArg: string[]) => {
      const given = { model: "embedded", tokenizer, templateArg, n: 1, baseUrl: [] };
      const { model, render, templateHash } = await openPolicy(given, {} as never);
      await model.close();
      return { text: render([{ role: "user", content: "Hi" }]), templateHash };
    };
    const plain = await rendered([]), off = await rendered(["enable_thinking=false"]);
    assert.equal(plain.text, "Hi\n");
    assert.equal(off.text, "Hi\n<think>\n\n</think>\n\n");
    assert.notEqual(plain.templateHash, off.templateHash);
    assert.equal((await rendered(['enable_thinking="false"'])).text, "Hi\n");
  }));

Deno.test("an argument that would change nothing is refused in one line", () =>
  inFolder(async (folder) => {
    const run = (...args: string[]) =>
      runTask("sample-policy", [
        ...["--prompts", EMBEDDED_PROMPTS, "--model", "embedded", "--format", "chat"],
        ...["--tokenizer", writeTemplate(folder), "--limit", "1", "--n", "1", "--max-tokens", "8"],
        ...["--out", join(folder, "out"), ...args],
      ]);
    for (
      const [given, said] of [
        [["enable_thinkin=false"], /knows no enable_thinkin/],
        [["enable_thinking"], /give NAME=VALUE/],
        [["messages=[]"], /given to every template already/],
        [["enable_thinking=true", "enable_thinking=false"], /given twice/],
      ] as const
    ) {
      const { code, stderr } = await run(...given.flatMap((each) => ["--template-arg", each]));
      assert.equal(code, 2);
      assert.match(stderr, said);
      assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
    assert.equal((await run("--template-arg", "enable_thinking=false")).code, 0);
    const { code, stderr } = await run();
    assert.equal(code, 2, stderr);
    assert.match(stderr, /other settings/);
  }));
