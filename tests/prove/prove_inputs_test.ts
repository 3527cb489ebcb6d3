/** What the proof is made with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { EMBEDDED_PROMPTS, EMBEDDED_TRAIN_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { inFolder, runTask } from "../cli.ts";

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

Deno.test("a Python that cannot train is told before anything is sampled", () =>
  inFolder(async (folder) => {
    const python = join(folder, "python"), out = join(folder, "out");
    const tell = async () => {
      const { code, stderr } = await runTask("prove", ["--python", python, "--out", out]);
      assert.equal(code, 1, stderr);
      await assert.rejects(Deno.stat(out));
      return stderr.trim().split("\n").at(-1)!;
    };
    assert.match(await tell(), /^prove: .*python could not be started/);
    await Deno.writeTextFile(python, "#!/bin/sh\necho torch\necho trl\n", { mode: 0o755 });
    assert.match(await tell(), /^prove: --python .*: has no torch, trl: install that, or leave/);
  }));
