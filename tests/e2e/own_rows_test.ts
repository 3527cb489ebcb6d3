/** Rows of one's own by commands alone: a CSV, a policy behind a chat API, a rule, DPO data. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import { startScriptedProvider } from "../teacher/scripted_provider.ts";
import { inFolder, runTask } from "../cli.ts";

Deno.test("a category of a CSV arrives in the dataset and in a table of the report", () =>
  inFolder(async (folder) => {
    let asked = 0;
    const provider = await startScriptedProvider({
      latencyMs: 1,
      replyText: () => asked++ % 2 === 0 ? "Paris" : "Rome",
    });
    const at = (name: string) => join(folder, name);
    const rows = ["alpha", "beta", "gamma"].map((name) => `${name}?,kind-${name},Paris`);
    await Deno.writeTextFile(at("mine.csv"), `question,category,answer\n${rows.join("\n")}\n`);
    const run = async (task: Parameters<typeof runTask>[0], ...args: string[]) => {
      const { code, stderr } = await runTask(task, args, { OPENAI_API_KEY: "sk-test" });
      assert.equal(code, 0, `${task}: ${stderr}`);
    };
    await run(
      "create-prompted-model",
      ...["--model", EMBEDDED_POLICY, "--variant", "nothink", "--out", at("model")],
    );
    await run(
      "sample-policy",
      ...["--prompts", at("mine.csv"), "--keep", "category", "--keep", "answer", "--n", "4"],
      ...["--model", "openai/gpt-4.1-mini", "--base-url", provider.url, "--out", at("policy")],
    );
    await provider.close();
    await run(
      "score-responses",
      ...["--in", at("policy"), "--reward-model", "rule/exact", "--label-key", "answer"],
      ...["--out", at("scored")],
    );
    await run(
      "build-dpo",
      ...["--in", at("scored"), "--format", "chat", "--tokenizer", at("model")],
      ...["--min-responses", "2", "--train-split", "1", "--out", at("dpo")],
    );
    await run("report", "--in", at("scored"), "--in", at("dpo"), "--out", at("report.html"));
    const found = new Set<string>();
    for await (const { row } of readRows(at("dpo"), { split: "train" })) {
      const { category, chosen } = row as { category: string; chosen: { content: string }[] };
      found.add(category);
      assert.equal(chosen.at(-1)!.content, "Paris");
    }
    assert.deepEqual([...found].sort(), ["kind-alpha", "kind-beta", "kind-gamma"]);
    const page = await Deno.readTextFile(at("report.html"));
    assert.match(page, /<t[dh][^>]*>kind-beta</);
  }));
