/** JupyterLab with the pinned Deno kernel, in a Python environment of the user's. */
import { join, resolve } from "node:path";
import { sha256 } from "../core/canonical.ts";
import { messageOf, RunError } from "../core/errors.ts";
import { userCache } from "../core/user_cache.ts";
import { findPython } from "./python.ts";
import { runProgram } from "./run_program.ts";

/** A Python environment that holds JupyterLab and the Deno kernel. */
export interface NotebookEnvironment {
  /** The folder that holds all of it; deleting the folder undoes everything. */
  dir: string;
  /** The environment's Python. */
  python: string;
  /** The Deno binary that the kernel runs on. */
  kernelDeno: string;
}

/** The name under which the kernel is installed, and which the committed notebooks name. */
export const KERNEL_NAME = "deno";

const REQUIREMENTS = new URL("./requirements.txt", import.meta.url);
/** Raise it when the steps below change, so that existing environments are made anew. */
const RECIPE = "1";
const WINDOWS = Deno.build.os === "windows";

/**
 * Makes the environment, or returns at once where it is already there (a stamp over the pinned
 * requirements and this recipe says so). Calls from several processes wait for each other.
 *
 * @param options.dir The folder to hold it; `thinkset/jupyter` in the user's cache by default, one
 *   for all their work.
 * @throws RunError In one line: Python is missing or too old, it has no `venv`, or pip failed.
 */
export async function ensureNotebookEnvironment(
  options: { dir?: string; python?: string; log?: (line: string) => void; signal?: AbortSignal } =
    {},
): Promise<NotebookEnvironment> {
  const dir = resolve(
    options.dir ?? join(userCache((name) => Deno.env.get(name)), "thinkset/jupyter"),
  );
  const venv = join(dir, "venv");
  const bin = join(venv, WINDOWS ? "Scripts" : "bin");
  const suffix = WINDOWS ? ".exe" : "";
  const environment = {
    dir,
    python: join(bin, `python${suffix}`),
    kernelDeno: join(bin, `deno${suffix}`),
  };
  await Deno.mkdir(dir, { recursive: true });
  const requirements = await Deno.readTextFile(REQUIREMENTS);
  const stamp = sha256(JSON.stringify([RECIPE, venv, requirements]));
  const stampFile = join(dir, "stamp");
  const isReady = async () => await Deno.readTextFile(stampFile).catch(() => "") === stamp;
  if (await isReady()) return environment;

  using lock = await Deno.open(join(dir, "lock"), { create: true, write: true });
  await lock.lock(true);
  if (await isReady()) return environment;
  const log = options.log ?? (() => {});
  const python = await findPython(options.python);
  log(`Making the notebook environment in ${dir} (once; about half a minute) …`);
  const run = (program: string, args: string[]) =>
    runProgram(program, args, {
      env: { PIP_DISABLE_PIP_VERSION_CHECK: "1" },
      signal: options.signal,
    });
  await run(python, ["-m", "venv", "--clear", venv]).catch((error) => {
    throw new RunError(
      `${python} cannot make a virtual environment (on Debian: apt-get install python3-venv): ` +
        messageOf(error),
    );
  });
  const file = join(dir, "requirements.txt");
  await Deno.writeTextFile(file, requirements);
  await run(environment.python, ["-m", "pip", "install", "--quiet", "--requirement", file]);
  await installKernel(environment, run);
  await Deno.writeTextFile(stampFile, stamp);
  return environment;
}

/** The kernel's description, written by hand: `deno jupyter --install` writes to the home folder. */
async function installKernel(
  environment: NotebookEnvironment,
  run: (program: string, args: string[]) => Promise<string>,
): Promise<void> {
  const spec = join(environment.dir, "kernelspec");
  await Deno.mkdir(spec, { recursive: true });
  const kernel = {
    argv: [environment.kernelDeno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    // SIGINT would end the kernel instead of the cell.
    interrupt_mode: "message",
    env: { NO_COLOR: "1", DENO_TLS_CA_STORE: "mozilla,system", DENO_NO_UPDATE_CHECK: "1" },
  };
  await Deno.writeTextFile(join(spec, "kernel.json"), JSON.stringify(kernel, null, 2) + "\n");
  await run(environment.python, [
    ...["-m", "jupyter_client.kernelspecapp", "install", spec],
    ...["--sys-prefix", "--name", KERNEL_NAME, "--replace"],
  ]);
}
