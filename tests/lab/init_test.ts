/** `init` as a user meets it: the command, and the folder that it makes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commandOf, readCommandLine } from "../../lib/cli/command.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { RECIPES } from "../../lib/lab/init_options.ts";
import { stages } from "../../lib/stages.ts";
import { inFolder, runTask } from "../cli.ts";
import { unless, whyNo } from "../installed.ts";

/** Runs a script as from a terminal: without what a task that the test runs under has set. */
async function bash(script: string, path: string, env: Record<string, string> = {}) {
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => name !== "INIT_CWD");
  const { code, stderr } = await new Deno.Command("bash", {
    args: [script],
    clearEnv: true,
    env: { ...Object.fromEntries(kept), NO_COLOR: "1", ...env, PATH: path },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** A `thinkset` on the PATH: what `program` says, with the arguments. */
async function command(folder: string, program: string): Promise<string> {
  const file = join(folder, "thinkset");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(file, `#!/bin/bash\n${program}\n`, { mode: 0o755 });
  return `${folder}:/usr/bin:/bin`;
}

Deno.test(
  unless(whyNo("bash"), "the folder's script makes SFT and DPO data, and again does nothing"),
  () =>
    inFolder(async (folder) => {
      const lab = join(folder, "my lab's");
      const { code, stderr } = await runTask("init", [lab]);
      assert.equal(code, 0, stderr);
      const root = new URL("../../", import.meta.url).pathname;
      const task = `exec '${Deno.execPath()}' task --quiet --config '${root}deno.json' "$@"`;
      const path = await command(join(folder, "bin"), task);
      const first = await bash(join(lab, "run.sh"), path);
      assert.equal(first.code, 0, first.stderr);
      const categories = new Set<unknown>();
      for await (const { row } of readRows(join(lab, "runs/dpo"), { split: "train" })) {
        categories.add((row as { category?: unknown }).category);
      }
      assert.ok(categories.has("capital"), [...categories].join());
      const again = await bash(join(lab, "run.sh"), path);
      assert.equal(again.code, 0, again.stderr);
      assert.equal(again.stderr.match(/nothing to do/g)?.length, 5, again.stderr);
      assert.ok((await Deno.stat(join(lab, "notebooks/06_dpo_dataset.ipynb"))).isFile);
    }),
);

Deno.test(
  unless(whyNo("bash"), "every command of each recipe's script is one that its stage takes"),
  () =>
    inFolder(async (folder) => {
      const path = await command(join(folder, "bin"), 'printf "%s\\0" "$@" "" >> "$HOME/said"');
      const byName = new Map(stages.map((stage) => [stage.name, stage]));
      for (const recipe of RECIPES) {
        const lab = join(folder, recipe);
        assert.equal((await runTask("init", [lab, "--recipe", recipe])).code, 0);
        const { code, stderr } = await bash(join(lab, "run.sh"), path, { HOME: lab });
        assert.equal(code, 0, stderr);
        const lines = (await Deno.readTextFile(join(lab, "said"))).split("\0\0").slice(0, -1);
        const names = lines.map((line) => line.split("\0")[0]);
        for (const name of ["build-sft", "sample-policy", "score-responses", "build-dpo"]) {
          assert.ok(names.includes(name), `${recipe}: ${name}`);
        }
        for (const [name, ...args] of lines.map((line) => line.split("\0"))) {
          // A tool: it fetches what the tasks without network then take by the same name.
          if (name === "download") {
            assert.match(args.join(" "), /^hf\/[\w.-]+\/[\w.-]+ --what tokenizer$/);
            assert.ok(
              lines.some((line) => line.startsWith("build-sft") && line.includes(args[0]!)),
            );
            continue;
          }
          await readCommandLine(commandOf(byName.get(name!)!), args);
        }
      }
    }),
);

Deno.test("what the folder's notebooks import is in its deno.json", () =>
  inFolder(async (folder) => {
    const lab = join(folder, "lab");
    assert.equal((await runTask("init", [lab])).code, 0);
    const { imports } = JSON.parse(await Deno.readTextFile(join(lab, "deno.json")));
    const named = (specifier: string) =>
      Object.keys(imports).some((name) => `${specifier}/`.startsWith(name.replace(/\/?$/, "/")));
    for await (const { name } of Deno.readDir(join(lab, "notebooks"))) {
      if (!name.endsWith(".ipynb")) continue;
      const text = await Deno.readTextFile(join(lab, "notebooks", name));
      for (const [, specifier] of text.matchAll(/from \\"([^".][^"]*?)\\"/g)) {
        assert.ok(named(specifier!), `${name}: ${specifier}`);
      }
    }
  }));

Deno.test("a folder that holds something is left as it is", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "mine.txt"), "mine");
    for (
      const [args, said] of [[[folder], /mine\.txt: name a new folder/], [[], /my-lab/]] as const
    ) {
      const { code, stderr } = await runTask("init", args);
      assert.equal(code, 2);
      assert.match(stderr, said);
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["mine.txt"]);
  }));
