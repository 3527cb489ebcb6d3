/** docs/recipes.md is what this test runs: its files are saved, its commands run, in its order. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { unless, whyNo } from "../installed.ts";
import { python } from "../python.ts";

const root = new URL("../../", import.meta.url).pathname;

interface Fence {
  section: string;
  language: string;
  file: string | undefined;
  body: string;
}

/** The document's fences, in its order. */
function fences(): Fence[] {
  const text = Deno.readTextFileSync(join(root, "docs/recipes.md"));
  return text.split(/^## /m).slice(1).flatMap((part) => {
    const section = part.slice(0, part.indexOf("\n"));
    return [...part.matchAll(/^```(\S+)(?: (\S+))?\n([^]*?)^```$/gm)].map((
      [, language, file, body],
    ) => ({ section, language: language!, file, body: body! }));
  });
}

/** A folder for the PATH with what the recipes call: this clone, this Deno, the tests' Python. */
async function commands(folder: string): Promise<void> {
  const deno = Deno.execPath();
  const programs = {
    thinkset: `exec '${deno}' task --quiet --config '${root}deno.json' "$@"`,
    deno: `exec '${deno}' "$@"`,
    python3: `exec '${await python()}' "$@"`,
  };
  for (const [name, line] of Object.entries(programs)) {
    await Deno.writeTextFile(join(folder, name), `#!/bin/bash\n${line}\n`, { mode: 0o755 });
  }
}

Deno.test(unless(whyNo("bash"), "every recipe runs as it stands"), async (t) => {
  const folder = await Deno.makeTempDir(), bin = await Deno.makeTempDir();
  try {
    await commands(bin);
    const { INIT_CWD: _, ...env } = Deno.env.toObject();
    let cwd = folder;
    for (const [section, own] of Map.groupBy(fences(), ({ section }) => section)) {
      await t.step(section, async () => {
        for (const { language, file, body } of own) {
          if (file !== undefined) {
            await Deno.writeTextFile(join(cwd, file), body);
            continue;
          }
          assert.equal(language, "sh", `${section}: a fence that is neither a file nor commands`);
          const { code, stdout, stderr } = await new Deno.Command("bash", {
            args: ["-euc", body],
            cwd,
            clearEnv: true,
            env: { ...env, NO_COLOR: "1", PATH: `${bin}:${env.PATH}` },
            stdin: "null",
          }).output();
          const said = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
          assert.equal(code, 0, `${section}: ${said.slice(-3000)}`);
        }
      });
      // The first recipe makes the folder that the others stand in.
      cwd = join(folder, "my-lab");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(bin, { recursive: true });
  }
});
