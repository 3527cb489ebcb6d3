/** What the proof is made with. */
import assert from "node:assert/strict";
import { readPrompts } from "../../lib/io/read_prompts.ts";
import { EMBEDDED_PROMPTS, EMBEDDED_TRAIN_PROMPTS } from "../../lib/model/embedded/paths.ts";

Deno.test("no training prompt asks what a held-out prompt asks, and each kind has as many", async () => {
  const heldOut = new Set<string>(), kinds = new Map<string, number>();
  for await (const { messages } of readPrompts(EMBEDDED_PROMPTS)) {
    for (const { content } of messages) heldOut.add(content);
  }
  const asked = new Set<string>();
  for await (const { messages, source } of readPrompts(EMBEDDED_TRAIN_PROMPTS)) {
    assert.ok(!heldOut.has(messages[0]!.content), messages[0]!.content);
    asked.add(messages[0]!.content);
    kinds.set(source, (kinds.get(source) ?? 0) + 1);
  }
  assert.equal(asked.size, 1350);
  assert.deepEqual(new Set(kinds.values()), new Set([45]));
});

Deno.test("prove trains with the packages of the training tests", async () => {
  const packages = async (...files: string[]) => {
    const lines = (await Promise.all(files.map((file) => Deno.readTextFile(file)))).join("\n");
    return lines.split("\n").filter((line) => line !== "" && !line.startsWith("#")).sort();
  };
  assert.deepEqual(
    await packages("lib/prove/requirements.txt"),
    await packages("tests/requirements.txt", "tests/requirements-train.txt"),
  );
});
