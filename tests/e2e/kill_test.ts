import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder, runTask, startTask } from "../cli.ts";

const PROMPTS = "lib/embedded/prompts.jsonl";
const part = "records/part-00000-of-00001.jsonl";

function policyArgs(out: string): string[] {
  return [
    ...["--prompts", PROMPTS, "--model", "embedded", "--format", "prompted-nothink"],
    ...["--out", out, "--limit", "60", "--n", "2", "--max-tokens", "48", "--temperature", "1"],
    ...["--concurrency", "4", "--progress", "none"],
  ];
}

/** Whole lines on disk: what must never be done again. */
function wholeLines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

Deno.test("killed at any moment of sampling, the same command ends with the undisturbed records", () =>
  inFolder(async (folder) => {
    const calm = join(folder, "calm"), killed = join(folder, "killed");
    assert.equal((await runTask("sample-policy", policyArgs(calm))).code, 0);
    let kills = 0, lost = 0, before: string[] = [];
    for (let attempt = 0; attempt < 30; attempt++) {
      const process = startTask("sample-policy", policyArgs(killed));
      const target = before.length + 3 + 5 * (attempt % 3);
      const watch = setInterval(() => {
        if (wholeLines(join(killed, part)).length < target) return;
        clearInterval(watch);
        process.kill("SIGKILL");
      }, 2);
      const { signal } = await process.output();
      clearInterval(watch);
      const after = wholeLines(join(killed, part));
      lost += before.filter((line) => !after.includes(line)).length;
      before = after;
      if (signal !== "SIGKILL") break;
      kills++;
    }
    assert.ok(kills >= 3, `killed ${kills} times`);
    assert.equal(lost, 0);
    const read = (out: string) => Deno.readTextFileSync(join(out, part));
    assert.equal(read(killed), read(calm));
    assert.equal((await runTask("verify", ["--in", killed])).code, 0);
  }));

Deno.test("SIGINT and SIGTERM save what is in flight, exit 130 and 143, and are resumed from", () =>
  inFolder(async (folder) => {
    for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const out = join(folder, signal);
      const process = startTask("sample-policy", policyArgs(out));
      const watch = setInterval(() => {
        if (wholeLines(join(out, part)).length >= 3) {
          clearInterval(watch);
          process.kill(signal);
        }
      }, 2);
      const { code, stderr } = await process.output();
      clearInterval(watch);
      assert.equal(code, status);
      assert.ok(!new TextDecoder().decode(stderr).includes("    at "), "no stack trace");
      const saved = wholeLines(join(out, part)).length;
      const manifest = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
      assert.equal(manifest.counts.kept, saved);
      assert.equal(manifest.counts.pending, 60 - saved);
      assert.equal(manifest.status, saved === 60 ? "done" : "partial");
      assert.equal((await runTask("sample-policy", policyArgs(out))).code, 0);
      assert.equal(wholeLines(join(out, part)).length, 60);
    }
  }));

Deno.test("--from takes an earlier run's options, and flags beside it win", () =>
  inFolder(async (folder) => {
    const first = join(folder, "first"), second = join(folder, "second");
    const args = policyArgs(first).map((arg) => arg === "60" ? "5" : arg);
    assert.equal((await runTask("sample-policy", args)).code, 0);
    const { code, stderr } = await runTask("sample-policy", [
      ...["--from", join(first, "manifest.json"), "--out", second, "--n", "1"],
    ]);
    assert.equal(code, 0, stderr);
    const options = (out: string) =>
      JSON.parse(Deno.readTextFileSync(join(out, "manifest.json"))).options;
    assert.deepEqual(options(second), { ...options(first), out: second, n: 1 });
  }));
