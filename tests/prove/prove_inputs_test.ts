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
