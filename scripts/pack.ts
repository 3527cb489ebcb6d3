// deno task pack --out dist
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { create, extract } from "tar";
import config from "../deno.json" with { type: "json" };
import { runCommand } from "../lib/cli/command.ts";
import { RunError } from "../lib/core/errors.ts";
import { VERSION } from "../lib/core/version.ts";
import { packagedTasks } from "../lib/package/tasks.ts";
import { declarationOf, declarations } from "./pack/declarations.ts";

const PackOptions = z.object({
  out: z.string().default("dist").describe("folder for thinkset-VERSION.tgz"),
});

/** What of the project goes into the package, beside the modules that its entries reach. */
const INCLUDED = ["lib", "scripts", "notebooks", "bin", "README.md", "LICENSE", "CHANGELOG.md"];
const LEFT_OUT = [
  "scripts/bench",
  "scripts/pack",
  "scripts/train_embedded",
  "scripts/prices",
  // Modules are compiled; what is left as TypeScript are scripts for working on thinkset.
  "lib/**/*.ts",
  "scripts/**/*.ts",
  "deno.json",
];

/**
 * What Deno runs stands apart from npm's package.json: kernels of Deno 2.7 take a linked folder with
 * a package.json for one of npm's, which asks for a node_modules of one's own.
 */
const DIST = "dist";

/** What no task names: scripts that others start, workers, and the page that `explore` serves. */
const STARTED = [
  "scripts/serve_and_run.ts",
  "lib/explore/page/main.ts",
  "lib/io/write/split_worker.ts",
  "lib/model/rule/rule_worker.ts",
  "lib/model/module/module_worker.ts",
];

/**
 * Makes the npm package: `deno pack` compiles it, then its manifest is made exact. The command of
 * the package needs `deno` alone; Deno fetches the rest by the lock file when a task needs it, for
 * some of those packages run scripts of theirs when npm installs them.
 */
async function pack({ out }: z.output<typeof PackOptions>): Promise<void> {
  const home = new URL("../", import.meta.url).pathname;
  const stage = await Deno.makeTempDir();
  try {
    for (const name of [...INCLUDED, "deno.lock"]) await copy(join(home, name), join(stage, name));
    const tasks = packagedTasks(config.tasks);
    const entries = [
      ...STARTED,
      ...Object.values(tasks).map(({ script }) => script.replace(/\.js$/, ".ts")),
    ];
    await writeJson(join(stage, "deno.json"), {
      ...config,
      exports: {
        ...exportsOf((path) => path),
        ...Object.fromEntries(entries.map((script) => [`./${script}`, `./${script}`])),
      },
      publish: { include: [...INCLUDED, "deno.json"], exclude: LEFT_OUT },
    });
    const tarball = join(stage, "made.tgz");
    await run(Deno.execPath(), [
      "pack",
      "--quiet",
      "--no-source-maps",
      "--allow-dirty",
      "-o",
      tarball,
    ], stage);
    const whole = join(stage, "whole");
    await Deno.mkdir(whole);
    await extract({ file: tarball, cwd: whole });
    await finish(join(whole, "package"), home, tasks);
    await declare(stage, join(whole, "package", DIST));
    await Deno.mkdir(out, { recursive: true });
    const made = join(out, `thinkset-${VERSION}.tgz`);
    await create({ file: made, cwd: whole, gzip: true, portable: true, mtime: new Date(0) }, [
      "package",
    ]);
    console.log(made);
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/** The package's own files: its manifest with exact versions, its tasks, Deno's settings. */
async function finish(folder: string, home: string, tasks: ReturnType<typeof packagedTasks>) {
  const { imports, allowScripts } = config;
  const packages = Object.values(imports).filter((each) => each.startsWith("npm:"))
    .map((each) => /^npm:(.+)@([^@]+)$/.exec(each)!.slice(1) as [string, string]);
  const made = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  const used = Object.keys({ ...made.dependencies, ...made.optionalDependencies });
  const needed = packages.filter(([name]) => used.includes(name));
  await writeJson(join(folder, "package.json"), {
    name: "thinkset",
    version: VERSION,
    description: "SFT and DPO data with and without thinking, from a base model and prompts",
    license: config.license,
    type: "module",
    bin: { thinkset: "bin/thinkset.mjs" },
    exports: {
      ...Object.fromEntries(
        Object.entries(exportsOf(compiled)).map(([name, path]) => [name, {
          types: inDist(declarationOf(path)),
          default: inDist(path),
        }]),
      ),
      "./package.json": "./package.json",
    },
    dependencies: { deno: Deno.version.deno },
    // For `npm:thinkset` in Deno, which runs no scripts. Where one of these fails in npm, as
    // onnxruntime-node's does offline, npm goes on without it, and the command needs none of them.
    optionalDependencies: Object.fromEntries(needed),
  });
  const dist = join(folder, DIST);
  await Deno.mkdir(dist);
  for (const name of ["lib", "scripts", "notebooks"]) {
    await Deno.rename(join(folder, name), join(dist, name));
  }
  await writeJson(join(dist, "deno.json"), {
    name: config.name,
    version: VERSION,
    exports: exportsOf(compiled),
    imports: Object.fromEntries(
      Object.entries(imports).map((
        [name, path],
      ) => [name, path.startsWith("./") ? compiled(path) : path]),
    ),
    allowScripts,
    unstable: config.unstable,
    nodeModulesDir: "none",
    tasks: config.tasks,
  });
  await writeJson(join(dist, "tasks.json"), { tasks });
  await Deno.copyFile(join(home, "deno.lock"), join(dist, "deno.lock"));
  // The lock file of the clone, less what only working on it needs.
  const scripts = Object.values(tasks).map(({ script }) => script);
  await run(
    Deno.execPath(),
    ["install", "--quiet", "--entrypoint", ...scripts, "lib/mod.js"],
    dist,
  );
}

/** Writes declarations beside the compiled modules, and their names where Deno looks for them. */
async function declare(stage: string, folder: string): Promise<void> {
  const entries = Object.values(exportsOf((path) => path.replace("./", "")));
  const settings = JSON.parse(await Deno.readTextFile(join(stage, "deno.json")));
  await writeJson(join(stage, "deno.json"), { ...settings, nodeModulesDir: "auto" });
  await run(Deno.execPath(), ["install", "--quiet", "--entrypoint", ...entries], stage);
  const globals = join(stage, "deno.d.ts");
  await Deno.writeTextFile(globals, await run(Deno.execPath(), ["types"], stage));
  for (const [path, text] of declarations(stage, entries, globals)) {
    await Deno.writeTextFile(join(folder, path), text);
    // Deno reads a module's own word on where its types are; npm's tools look beside it.
    const module = join(folder, path.replace(/\.d\.ts$/, ".js"));
    const code = await Deno.readTextFile(module);
    await Deno.writeTextFile(module, `/* @ts-self-types="./${basename(path)}" */\n${code}`);
  }
}

const inDist = (path: string) => path.replace("./", `./${DIST}/`);
const compiled = (path: string) => path.replace(/\.ts$/, ".js");

function exportsOf(name: (path: string) => string): Record<string, string> {
  const all = typeof config.exports === "string"
    ? { ".": config.exports }
    : config.exports as Record<string, string>;
  return Object.fromEntries(Object.entries(all).map(([entry, path]) => [entry, name(path)]));
}

async function copy(from: string, to: string): Promise<void> {
  const { isDirectory, isSymlink } = await Deno.lstat(from);
  if (isSymlink) return;
  if (!isDirectory) {
    await Deno.mkdir(dirname(to), { recursive: true });
    return await Deno.copyFile(from, to);
  }
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    if (!name.startsWith(".") && name !== "__pycache__") {
      await copy(join(from, name), join(to, name));
    }
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value, null, 2) + "\n");
}

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new RunError(`deno ${args[0]}: ${text(stderr).trim()}`);
  return text(stdout);
}

if (import.meta.main) {
  await runCommand({
    name: "pack",
    summary: "the npm package: JavaScript, declarations, embedded models, notebooks, one command",
    examples: ["pack", "pack --out dist"],
    options: PackOptions,
    run: pack,
  });
}
