#!/usr/bin/env node
// The `thinkset` command of the npm package: runs a task with Deno, under the task's own permissions.
// Plain JavaScript for Node and Deno alike, for it is what starts the right Deno.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = placed(join(dirname(fileURLToPath(import.meta.url)), "..", "dist"));
const { tasks } = JSON.parse(readFileSync(join(home, "tasks.json"), "utf8"));
const [name, ...rest] = process.argv.slice(2);

// What is no task (--help, --version, completion, a typo) is for the command that knows them all.
const isTask = Object.hasOwn(tasks, name ?? "");
const task = isTask ? tasks[name] : tasks.thinkset;
const args = isTask ? rest : process.argv.slice(2);

const child = spawn(denoOf(), [
  "run",
  "--quiet",
  "--no-prompt",
  `--config=${join(home, "deno.json")}`,
  `--lock=${join(home, "deno.lock")}`,
  "--frozen",
  // As the shell of `deno task` would read them: native code from Deno's packages alone, wherever they lie.
  ...task.flags.map((flag) => flag.replace(/\$(\w+)/g, (_, name) => process.env[name] ?? "")),
  join(home, task.script),
  ...args,
], { stdio: "inherit", env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" } });

// A terminal's Control-C reaches the child by itself; what is sent to this process alone is passed on.
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
process.on("SIGINT", () => {});
child.on("error", (error) => {
  console.error(`thinkset: cannot start Deno: ${error.message}`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
});

/**
 * Where the scripts are run. Deno takes files in its own cache of packages (`deno run npm:thinkset`)
 * for parts of a package, and looks for their imports among its dependencies: there a copy is made
 * once, in the user's cache.
 */
function placed(dist) {
  if (!globalThis.Deno || dist.includes("node_modules")) return dist;
  const { version } = JSON.parse(readFileSync(join(dist, "..", "package.json"), "utf8"));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const name = createHash("sha256").update(dist).digest("hex").slice(0, 8);
  const place = join(cache, "thinkset", `package-${version}-${name}`);
  if (existsSync(place)) return place;
  const whole = `${place}.${process.pid}`;
  cpSync(dist, whole, { recursive: true });
  try {
    renameSync(whole, place);
  } catch (error) {
    // Another process was quicker.
    rmSync(whole, { recursive: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}

/** The Deno that this package depends on; where Deno itself runs this file, that one. */
function denoOf() {
  if (globalThis.Deno) return globalThis.Deno.execPath();
  const program = process.platform === "win32" ? "deno.exe" : "deno";
  const require = createRequire(import.meta.url);
  const { platform, arch } = process;
  const packages = [`@deno/${platform}-${arch}`, `@deno/${platform}-${arch}-glibc`, "deno"];
  const here = createRequire(require.resolve("deno/package.json"));
  for (const each of packages) {
    try {
      const found = join(dirname(here.resolve(`${each}/package.json`)), program);
      if (existsSync(found)) return found;
    } catch { /* not the package of this machine */ }
  }
  throw new Error(`no Deno for ${platform} on ${arch}: install it from deno.com and run the tasks`);
}
