/** A Python environment that is made once: by uv where that is installed, else by pip. */
import { join } from "node:path";
import { sha256 } from "../core/canonical.ts";
import { messageOf, RunError } from "../core/errors.ts";
import { findPython } from "./python.ts";
import { runProgram } from "./run_program.ts";

/** What an environment is made of. */
export interface EnvironmentPlan {
  /** The folder that holds all of it; deleting the folder undoes everything. */
  dir: string;
  /** What to install: the text of a requirements file. */
  requirements: string;
  /** Whether that names every package, so that nothing is installed beside them. */
  complete: boolean;
  /** The Python to make it with; `python3` or `python` by default. */
  python?: string;
  /** Raise it when `finish` changes, so that existing environments are made anew. */
  recipe?: string;
  /** What is left to do once the packages are there, with the environment's Python. */
  finish?: (python: string) => Promise<void>;
  /** Called before it is made, which takes a while. */
  onMake?: () => void;
  signal?: AbortSignal;
}

/** Where an environment keeps its programs. */
export function programIn(dir: string, name: string): string {
  return Deno.build.os === "windows"
    ? join(dir, "venv", "Scripts", `${name}.exe`)
    : join(dir, "venv", "bin", name);
}

/**
 * Makes an environment in `dir/venv`, or returns at once where it is already there (a stamp over the
 * requirements and the recipe says so), and gives its interpreter. Calls from several processes wait
 * for each other.
 *
 * @throws RunError In one line: Python is missing or too old, it has no `venv`, or pip failed.
 */
export async function pythonEnvironment(plan: EnvironmentPlan): Promise<string> {
  const { requirements, recipe, signal } = plan;
  await Deno.mkdir(plan.dir, { recursive: true });
  const dir = await Deno.realPath(plan.dir);
  const venv = join(dir, "venv"), interpreter = programIn(dir, "python");
  const stampFile = join(dir, "stamp");
  const stamp = sha256(JSON.stringify([...(recipe ? [recipe] : []), venv, requirements]));
  const isReady = async () => await Deno.readTextFile(stampFile).catch(() => "") === stamp;
  if (await isReady()) return interpreter;

  using lock = await Deno.open(join(dir, "lock"), { create: true, write: true });
  await lock.lock(true);
  if (await isReady()) return interpreter;
  const python = await findPython(plan.python);
  plan.onMake?.();
  const list = join(dir, "requirements.txt");
  await Deno.writeTextFile(list, requirements);
  const what = [...(plan.complete ? ["--no-deps"] : []), "--requirement", list];
  await byUv(python, venv, what, signal).catch(async () => {
    signal?.throwIfAborted();
    await byPip(python, venv, interpreter, what, signal);
  });
  await plan.finish?.(interpreter);
  await Deno.writeTextFile(stampFile, stamp);
  return interpreter;
}

/** Several times as fast as pip, but many machines lack it, and it does not read pip's settings. */
async function byUv(python: string, venv: string, what: string[], signal?: AbortSignal) {
  // As pip does and uv by default does not: what the system trusts is trusted.
  const env = { UV_SYSTEM_CERTS: "1" };
  const run = (args: string[]) => runProgram("uv", args, { env, signal });
  await run(["venv", "--quiet", "--clear", "--python", python, venv]);
  await run(["pip", "install", "--quiet", "--python", venv, ...what]);
}

async function byPip(
  python: string,
  venv: string,
  interpreter: string,
  what: string[],
  signal?: AbortSignal,
) {
  await runProgram(python, ["-m", "venv", "--clear", venv], { signal }).catch((error) => {
    throw new RunError(
      `${python} cannot make a virtual environment (on Debian: apt-get install python3-venv): ` +
        messageOf(error),
    );
  });
  const args = ["-m", "pip", "install", "--quiet", ...what];
  const env = { PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  await runProgram(interpreter, args, { env, signal });
}
