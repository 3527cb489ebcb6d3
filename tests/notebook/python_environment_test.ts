import assert from "node:assert/strict";
import { join } from "node:path";
import { unless, whyNo } from "../installed.ts";
import { inFolder } from "../cli.ts";

const home = new URL("../../", import.meta.url);

/** Asks for an environment without packages, in a process whose PATH has `bin` before all else. */
async function made(dir: string, bin: string): Promise<string> {
  const code = `import { pythonEnvironment } from "${home}lib/notebook/python_environment.ts";
    console.log(await pythonEnvironment({ dir: Deno.args[0], requirements: "# none", complete: true }));`;
  const { code: status, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `--config=${new URL("deno.json", home).pathname}`, code, dir],
    env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
  }).output();
  assert.equal(status, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("an environment is made by pip where uv fails, and once", () =>
  inFolder(async (folder) => {
    const log = join(folder, "asked"), dir = join(folder, "made");
    const uv = `#!/bin/sh\necho "$1" >> '${log}'\nexit 2\n`;
    await Deno.writeTextFile(join(folder, "uv"), uv, { mode: 0o755 });
    const python = await made(dir, folder);
    const { success } = await new Deno.Command(python, { args: ["-m", "pip", "--version"] })
      .output();
    assert.ok(success);
    assert.equal(await made(dir, folder), python);
    assert.equal(await Deno.readTextFile(log), "venv\n");
  }));

Deno.test({
  ...unless(whyNo("uv"), "an environment is made by uv where it is there"),
  fn: () =>
    inFolder(async (folder) => {
      const python = await made(join(folder, "made"), folder);
      const config = await Deno.readTextFile(join(python, "../../pyvenv.cfg"));
      assert.match(config, /^uv = /m);
    }),
});
