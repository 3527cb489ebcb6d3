import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder, runTask } from "../cli.ts";

const records = "records/part-00000-of-00001.jsonl";

async function sampled(folder: string): Promise<string> {
  const out = join(folder, "policy");
  const { code, stderr } = await runTask("sample-policy", [
    ...["--prompts", "lib/embedded/prompts.jsonl", "--model", "embedded", "--out", out],
    ...["--format", "prompted-nothink", "--n", "2", "--max-tokens", "32", "--limit", "6"],
  ]);
  assert.equal(code, 0, stderr);
  return out;
}

Deno.test("a run as it was left is clean; whatever is changed in it is found and named", () =>
  inFolder(async (folder) => {
    const out = await sampled(folder);
    const check = () => runTask("verify", ["--in", folder]);
    const clean = await check();
    assert.equal(clean.code, 0, clean.stdout);
    assert.match(clean.stdout, /6 prompts = 6 kept \+ 0 rejected \+ 0 pending/);

    const quiet = () => runTask("verify", ["--in", folder, "--quiet"]);
    assert.match((await quiet()).stdout, /^\d+ checks, 0 failed\n$/);

    const path = join(out, records), whole = Deno.readTextFileSync(path);
    const manifestPath = join(out, "manifest.json");
    const manifest = Deno.readTextFileSync(manifestPath);
    const changes: [string, string, (text: string) => string, RegExp][] = [
      ["a text", path, (text) => text.replace("response>", "Response>"), /changed since/],
      [
        "a line lost",
        path,
        (text) => text.slice(text.indexOf("\n") + 1),
        /5 ids on disk, 6 counted/,
      ],
      ["a line twice", path, (text) => text + text.split("\n")[0] + "\n", /stands twice/],
      ["a line cut", path, (text) => text.slice(0, -20), /not JSON/],
      [
        "a count",
        manifestPath,
        (text) => text.replace('"kept": 6', '"kept": 5'),
        /FAIL.*6 prompts =/,
      ],
      ["a status", manifestPath, (text) => text.replace('"done"', '"partial"'), /not finished/],
      ["no JSON", manifestPath, (text) => text.slice(5), /not JSON/],
      [
        "tokens",
        manifestPath,
        (text) => text.replace(/"completion": \d+/, '"completion": 1'),
        /more completion/,
      ],
    ];
    for (const [name, file, change, expected] of changes) {
      const before = file === path ? whole : manifest;
      Deno.writeTextFileSync(file, change(before));
      const { code, stdout } = await check();
      assert.equal(code, 1, name);
      assert.match(stdout, expected, name);
      if (name === "a status") {
        assert.match((await quiet()).stdout, /^(FAIL .*\n)+\d+ checks, \d+ failed\n$/);
      }
      Deno.writeTextFileSync(file, before);
    }
    assert.equal((await check()).code, 0);
  }));

Deno.test("--trace tells what became of a prompt, and that it is not there", () =>
  inFolder(async (folder) => {
    const out = await sampled(folder);
    const trace = async (id: string) =>
      (await runTask("verify", ["--in", out, "--trace", id])).stdout;
    assert.match(await trace("capital-01"), /sample-policy: .*jsonl:1: kept: 2 replies/);
    assert.match(await trace("nobody"), /sample-policy: not there/);
  }));

Deno.test("--trace shows the escape sequences of hostile text instead of sending them (31)", () =>
  inFolder(async (folder) => {
    const out = await sampled(folder);
    const id = "\x1b[2Jgone\u202e";
    const detail = "\x1b]0;owned\x07 and\rover \x9b31m";
    const reject = { id, stage: "sample-policy", reason: "other", detail };
    const path = join(out, "rejects/part-00000-of-00001.jsonl");
    Deno.writeTextFileSync(path, JSON.stringify(reject) + "\n");
    const manifest = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
    for (const output of manifest.outputs) {
      if (output.path.startsWith("rejects")) output.rows = 1;
    }
    Deno.writeTextFileSync(join(out, "manifest.json"), JSON.stringify(manifest));
    const { code, stdout } = await runTask("verify", ["--in", out, "--trace", id]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /rejected: other: \[U\+001B\]\]0;owned\[U\+0007\] and over \[U\+009B\]31m/,
    );
    // deno-lint-ignore no-control-regex -- they must not be there
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    const checked = await runTask("verify", ["--in", out]);
    assert.equal(checked.code, 1);
    // deno-lint-ignore no-control-regex -- they must not be there
    assert.doesNotMatch(checked.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  }));

Deno.test("a folder without a manifest is bad input", () =>
  inFolder(async (folder) => {
    const { code, stderr } = await runTask("verify", ["--in", folder]);
    assert.equal(code, 2);
    assert.match(stderr, /no manifest.json/);
  }));
