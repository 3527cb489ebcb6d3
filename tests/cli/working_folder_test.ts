import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { inFolder } from "../cli.ts";

Deno.test("relative paths of deno task are those of the folder that the user stands in (64)", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "mine.jsonl"), '{"prompt": "What is 1 + 1?"}\n');
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["task", "--quiet", "--config", resolve("deno.json"), "sample-policy"],
        ...["--prompts", "mine.jsonl", "--model", "embedded", "--format", "prompted-think"],
        ...["--n", "1", "--max-tokens", "4", "--out", "runs/mine"],
      ],
      cwd: folder,
      // As in a shell: a task of the tests' own sets these.
      env: { NO_COLOR: "1", INIT_CWD: folder, PWD: folder },
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const manifest = JSON.parse(await Deno.readTextFile(join(folder, "runs/mine/manifest.json")));
    assert.equal(manifest.counts.kept, 1);
  }));
