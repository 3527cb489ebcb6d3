import assert from "node:assert/strict";
import { join } from "node:path";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { inFolder } from "../cli.ts";

Deno.test("a policy that was recorded is replayed to the same replies, without the model", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name), quiet = { log: () => {} };
    const tokenizer = at("model");
    await createPromptedModel(
      { model: EMBEDDED_POLICY, out: tokenizer, variant: "nothink" },
      { context: quiet },
    );
    const common = {
      prompts: EMBEDDED_PROMPTS,
      format: "prompted-nothink",
      tokenizer,
      n: 2,
      maxTokens: 32,
      limit: 5,
    } as const;
    const file = at("recorded.jsonl");
    await samplePolicy({ ...common, model: "embedded", out: at("one"), record: file }, {
      context: quiet,
    });
    await samplePolicy({ ...common, model: `replay/${file}`, out: at("two") }, { context: quiet });
    const replies = (out: string) =>
      Deno.readTextFileSync(join(at(out), "records", "part-00000-of-00001.jsonl"))
        .split("\n").filter(Boolean).map((line) => JSON.parse(line).responses);
    assert.equal(replies("one").length, 5);
    assert.deepEqual(replies("two"), replies("one"));
  }));
