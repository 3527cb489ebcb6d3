import assert from "node:assert/strict";
import { join } from "node:path";
import { startScriptedProvider } from "./scripted_provider.ts";
import { inFolder, jsonLines, MARKED_KEY, wait, writePrompts } from "./run_teacher.ts";

const PART = "part-00000-of-00001.jsonl";
const SLOTS = 8;

Deno.test("killed ten times over, a run pays again at most for what was in flight", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 60, faults: { malformed: 0.03 } });
    const prompts = await writePrompts(folder, 700);
    const out = join(folder, "out");
    const start = (progress: string) =>
      new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "scripts/sample_teacher.ts", "--prompts", prompts, "--out", out],
          ...["--model", "openai/gpt-4.1-mini", "--base-url", provider.url, "--api", "responses"],
          ...["--concurrency", String(SLOTS), "--progress", progress],
        ],
        env: { OPENAI_API_KEY: MARKED_KEY },
        stdout: "null",
        stderr: "null",
      }).spawn();

    const finished = async () => {
      const kinds = ["records", "rejects"].map((kind) => jsonLinesSoFar(join(out, kind, PART)));
      return new Set((await Promise.all(kinds)).flat());
    };
    const paidWhenFinished = new Map<string, number>();
    for (let kill = 0; kill < 10; kill++) {
      const before = provider.stats.billed;
      const child = start("none");
      while (provider.stats.billed < before + 20 + 5 * kill) await wait(20);
      child.kill("SIGKILL");
      await child.status;
      const byPrompt = provider.stats.byPrompt;
      for (const id of await finished()) {
        const paid = byPrompt[`Question number ${id.slice(1)}`] ?? 0;
        const earlier = paidWhenFinished.get(id) ?? paid;
        assert.equal(paid, earlier, `${id} was finished and paid for again`);
        paidWhenFinished.set(id, paid);
      }
    }
    const { success } = await start("none").status;
    await provider.close();
    assert.ok(success);
    const records = await jsonLines(join(out, "records", PART));
    const rejects = await jsonLines(join(out, "rejects", PART));
    assert.equal(new Set([...records, ...rejects].map(({ id }) => id)).size, 700);
    assert.equal(records.length + rejects.length, 700);
    const needed = 700 + (provider.stats.injected.malformed ?? 0);
    const extra = provider.stats.billed - needed;
    assert.ok(extra <= 10 * SLOTS, `${extra} replies paid for again`);
  }));

/** Ids of whole lines: a kill may have cut the last. */
async function jsonLinesSoFar(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line).id as string);
}
