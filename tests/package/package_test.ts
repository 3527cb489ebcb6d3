import assert from "node:assert/strict";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { unless, whyNo } from "../installed.ts";

const root = new URL("../../", import.meta.url).pathname;
const name = `thinkset-${config.version}.tgz`;

async function run(program: string, args: string[], cwd: string) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test(
  unless(whyNo("npx"), "with npm alone, the package's command works in any folder"),
  async (t) => {
    const folder = await Deno.makeTempDir();
    const thinkset = (...args: string[]) => run("node_modules/.bin/thinkset", args, folder);
    try {
      const packed = await run(Deno.execPath(), ["task", "--quiet", "pack", "--out", folder], root);
      assert.equal(packed.code, 0, packed.stderr);

      await t.step(
        "npx runs its demo, with relative paths from where the user stands",
        async () => {
          const demo = ["demo", "--limit", "4", "--out", "here"];
          const { code, stderr } = await run("npx", ["-y", `./${name}`, ...demo], folder);
          assert.equal(code, 0, stderr);
          assert.ok((await Deno.stat(join(folder, "here", "report.html"))).isFile);
        },
      );
      const installed = await run(
        "npm",
        ["install", "--no-audit", "--no-fund", `./${name}`],
        folder,
      );
      assert.equal(installed.code, 0, installed.stderr);

      await t.step("it says its version", async () => {
        const { code, stdout, stderr } = await thinkset("--version");
        assert.equal(code, 0, stderr);
        assert.equal(stdout.trim(), `thinkset ${config.version}`);
      });
      await t.step("it completes the names of its tasks", async () => {
        const { stdout } = await thinkset("completion", "bash");
        assert.match(stdout, /sample-policy/);
      });
      await t.step("a name that is no task is answered with the one that was meant", async () => {
        const { code, stderr } = await thinkset("sampel-policy");
        assert.equal(code, 2);
        assert.equal(
          stderr.trim(),
          "thinkset: there is no task sampel-policy (did you mean sample-policy?) (see --help)",
        );
      });
      await t.step("a failing task's exit status comes through", async () => {
        const { code, stderr } = await thinkset("verify", "--in", "nowhere");
        assert.equal(code, 2, stderr);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
