/** All notebooks, headless, on the embedded models; their dataset against the command's. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../lib/core/manifest.ts";
import { EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { readNotebook } from "../../lib/notebook/notebook_file.ts";
import { runNotebooks } from "../../lib/notebook/run_notebooks.ts";
import { MARKED_KEY } from "../teacher/run_teacher.ts";

const NOTEBOOKS = [...Deno.readDirSync("notebooks")].map(({ name }) => name)
  .filter((name) => name.endsWith(".ipynb")).sort();

/** Fewer prompts than the notebooks' own, so that the test is short. */
const PROMPTS = 24;

async function run(task: string, args: string[]): Promise<void> {
  const script = join("scripts", `${task.replaceAll("-", "_")}.ts`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...args, "--progress", "none"],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** A dataset's data files by path, as its manifest tells them. */
async function filesOf(dataset: string): Promise<[path: string, sha256: string][]> {
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(join(dataset, "manifest.json")));
  return manifest.outputs.map(({ path, sha256 }) => [path, sha256]);
}

/** Whether any file under a folder holds the text; compressed ones are not looked into. */
async function holdsText(folder: string, text: string): Promise<boolean> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (
      isDirectory ? await holdsText(path, text) : (await Deno.readTextFile(path)).includes(text)
    ) {
      return true;
    }
  }
  return false;
}

Deno.test("all notebooks run headless, without a key in what they write, and the DPO dataset of the sixth has the bytes that the commands write", async () => {
  const folder = await Deno.makeTempDir();
  const key = Deno.env.get("OPENAI_API_KEY");
  Deno.env.set("OPENAI_API_KEY", MARKED_KEY);
  try {
    const lines: string[] = [];
    const results = await runNotebooks(NOTEBOOKS.map((name) => join("notebooks", name)), {
      out: join(folder, "executed"),
      // Each notebook declares `out` and `prompts`; no two write into the same folders.
      set: [`out=${JSON.stringify(join(folder, "out"))}`, `prompts=${PROMPTS}`],
      cellTimeout: 240,
      jobs: 1,
    }, { log: (line) => lines.push(line) }).catch((error) => {
      throw new Error([String(error), ...lines].join("\n"));
    });
    for (const { executed, cells, failure } of results) {
      assert.equal(failure, undefined);
      const code = (await readNotebook(executed)).cells.filter((cell) =>
        cell.cell_type === "code" && cell.source.trim() !== ""
      );
      assert.equal(cells, code.length, executed);
      for (const cell of code) assert.notEqual(cell.execution_count, null, executed);
    }
    assert.equal(await holdsText(folder, MARKED_KEY), false);
    assert.equal(await holdsText(folder, "execution_count"), true);

    const byNotebook = join(folder, "out");
    const byScript = join(folder, "script");
    await run("sample-policy", [
      ...["--prompts", EMBEDDED_PROMPTS, "--limit", String(PROMPTS), "--model", "embedded"],
      ...["--format", "prompted-think", "--temperature", "1", "--max-tokens", "160"],
      ...["--out", join(byScript, "replies")],
    ]);
    await run("score-responses", [
      ...["--in", join(byScript, "replies"), "--reward-model", "embedded"],
      ...["--out", join(byScript, "scored")],
    ]);
    await run("build-dpo", [
      ...["--in", join(byScript, "scored"), "--format", "prompted-think"],
      ...["--tokenizer", join(byNotebook, "model"), "--min-margin", "1"],
      ...["--out", join(byScript, "dpo")],
    ]);
    const files = await filesOf(join(byScript, "dpo"));
    assert.ok(files.some(([path]) => path.startsWith("data/train-")));
    assert.deepEqual(await filesOf(join(byNotebook, "dpo")), files);
    for (const [path] of files) {
      assert.deepEqual(
        await Deno.readFile(join(byNotebook, "dpo", path)),
        await Deno.readFile(join(byScript, "dpo", path)),
        path,
      );
    }
  } finally {
    if (key === undefined) Deno.env.delete("OPENAI_API_KEY");
    else Deno.env.set("OPENAI_API_KEY", key);
    await Deno.remove(folder, { recursive: true });
  }
});
