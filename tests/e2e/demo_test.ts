import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { inFolder, runTask } from "../cli.ts";

/** The files of a folder that must be equal in equal runs, with their bytes. */
function bytesOf(root: string): Map<string, string> {
  const files = new Map<string, string>();
  const visit = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const path = join(folder, name);
      if (isDirectory) visit(path);
      else if (/\.(jsonl|parquet|jinja|txt|onnx)$|config\.json$|README\.md$/.test(name)) {
        files.set(relative(root, path), new TextDecoder("latin1").decode(Deno.readFileSync(path)));
      }
    }
  };
  visit(root);
  return files;
}

Deno.test("the demo leaves every stage in both variants, twice the same bytes, and does nothing again", () =>
  inFolder(async (folder) => {
    const args = (out: string) => ["--out", join(folder, out), "--limit", "40"];
    const first = await runTask("demo", args("first"));
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /think: the reward ranks right over wrong in \d+\.\d% of \d+ pairs/);
    const names = [...Deno.readDirSync(join(folder, "first"))].map(({ name }) => name).sort();
    assert.deepEqual(names, [
      ...["dpo-nothink", "dpo-think", "models", "policy-nothink", "policy-think", "report.html"],
      ...["scored-nothink", "scored-think", "sft-nothink", "sft-think", "teacher"],
    ]);

    assert.equal((await runTask("demo", args("second"))).code, 0);
    const one = bytesOf(join(folder, "first")), two = bytesOf(join(folder, "second"));
    assert.deepEqual([...one.keys()].sort(), [...two.keys()].sort());
    assert.ok(one.size > 30);
    for (const [path, bytes] of one) assert.ok(two.get(path) === bytes, `${path} differs`);

    const again = await runTask("demo", args("first"));
    assert.match(again.stdout, /nothing to do/);
    assert.deepEqual(bytesOf(join(folder, "first")), one);

    const { code, stdout } = await runTask("verify", ["--in", join(folder, "first")]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /README\.md: unchanged/);
    assert.doesNotMatch(stdout, /README\.md: 0 rows/);
    const page = Deno.readTextFileSync(join(folder, "first", "report.html"));
    assert.ok(page.includes("<svg"));
  }));
