import assert from "node:assert/strict";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { readNotebook } from "../../lib/notebook/notebook_file.ts";
import { unless, whyNo } from "../installed.ts";
import { writeNotebook } from "../notebook/temp_notebook.ts";

const root = new URL("../../", import.meta.url).pathname;
const name = `thinkset-${config.version}.tgz`;

/** What a program of somebody's own says. */
const IMPORTS = 'import { EMBEDDED_PROMPTS, samplePolicy } from "thinkset";\n' +
  'import { type Format } from "thinkset";';
const CALL = 'samplePolicy({ prompts: EMBEDDED_PROMPTS, model: "embedded", limit: 1, n: 1, ' +
  'maxTokens: 8, format: "prompted-think" as Format, out: "own" })';

const writeJson = (path: string, value: unknown) => Deno.writeTextFile(path, JSON.stringify(value));

async function run(
  program: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1", ...env },
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
      await t.step("a job script of launch runs the package's own scripts", async () => {
        const flags = ["--prompts", "p.jsonl", "--model", "embedded", "--format", "prompted-think"];
        const given = ["launch", "--stage", "sample-policy", "--out", "launched", "--dry-run"];
        const { code, stdout, stderr } = await thinkset(...given, "--", ...flags);
        assert.equal(code, 0, stderr);
        const [, script] = /\n(?:exec )?\S*deno run .*?(\S+sample_policy\.js)/.exec(
          stdout + stderr,
        )!;
        assert.ok((await Deno.stat(script!)).isFile);
      });
      await t.step("Deno installs its command for all folders", async () => {
        const launcher = join(folder, "node_modules/thinkset/bin/thinkset.mjs");
        const install = ["install", "-g", "-A", "--root", folder, "-n", "thinkset", launcher];
        const installed = await run(Deno.execPath(), install, folder);
        assert.equal(installed.code, 0, installed.stderr);
        const { stdout } = await run(join(folder, "bin/thinkset"), ["--version"], "/");
        assert.equal(stdout.trim(), `thinkset ${config.version}`);
      });

      await t.step("in Deno's own cache of packages a copy of it is run", async () => {
        // As `deno run npm:thinkset` has it: no node_modules, and the user's cache to copy into.
        const apart = join(folder, "apart"), cache = join(folder, "cache");
        await Deno.mkdir(apart);
        await run("tar", ["xzf", name, "-C", apart], folder);
        const launcher = join(apart, "package/bin/thinkset.mjs");
        const dirs = JSON.parse((await run(Deno.execPath(), ["info", "--json"], folder)).stdout);
        const env = { XDG_CACHE_HOME: cache, DENO_DIR: dirs.denoDir };
        for (const _ of [1, 2]) {
          const args = ["run", "-A", "--no-config", launcher, "--version"];
          const { code, stdout, stderr } = await run(Deno.execPath(), args, folder, env);
          assert.equal(code, 0, stderr);
          assert.equal(stdout.trim(), `thinkset ${config.version}`);
        }
        const [copy, ...others] = [...Deno.readDirSync(join(cache, "thinkset"))];
        assert.match(copy!.name, new RegExp(`^package-${config.version}-[0-9a-f]{8}$`));
        assert.deepEqual(others, []);
      });

      const own = await Deno.makeTempDir();
      try {
        await writeJson(join(own, "deno.json"), {
          links: [`file://${join(folder, "node_modules/thinkset/dist")}/`],
          imports: {
            thinkset: `jsr:${config.name}@${config.version}`,
            "thinkset/": `jsr:/${config.name}@${config.version}/`,
          },
        });
        await t.step("a script of one's own folder has its functions and their types", async () => {
          await Deno.writeTextFile(join(own, "good.ts"), `${IMPORTS}\nawait ${CALL};`);
          await Deno.writeTextFile(
            join(own, "bad.ts"),
            `${IMPORTS}\nawait ${CALL.replace("n: 1", 'n: "1"')};`,
          );
          const good = await run(Deno.execPath(), ["run", "-A", "--check", "good.ts"], own);
          assert.equal(good.code, 0, good.stderr);
          const bad = await run(Deno.execPath(), ["check", "bad.ts"], own);
          assert.match(bad.stderr, /Type 'string' is not assignable to type 'number'/);
        });
        await t.step({
          ...unless(whyNo("python3"), "a notebook of one's own folder runs headless on the kernel"),
          fn: async () => {
            await writeNotebook(own, "mine", [`${IMPORTS}\n(await ${CALL}).manifest.counts.kept`]);
            const { code, stderr } = await run(
              join(folder, "node_modules/.bin/thinkset"),
              ["run-notebook", "mine.ipynb", "--out", "ran"],
              own,
            );
            assert.equal(code, 0, stderr);
            const [cell] = (await readNotebook(join(own, "ran", "mine.ipynb"))).cells;
            assert.match(JSON.stringify(cell), /"text\/plain":(\[)?"1"/);
          },
        });
      } finally {
        await Deno.remove(own, { recursive: true });
      }
      await t.step("a failing task's exit status comes through", async () => {
        const { code, stderr } = await thinkset("verify", "--in", "nowhere");
        assert.equal(code, 2, stderr);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
