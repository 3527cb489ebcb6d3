/** JupyterLab with the pinned Deno kernel, in a Python environment of the user's. */
import { join, resolve } from "node:path";
import { userCache } from "../core/user_cache.ts";
import { programIn, pythonEnvironment } from "./python_environment.ts";
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

/**
 * Makes the environment, or returns at once where it is already there.
 *
 * @param options.dir The folder to hold it; `thinkset/jupyter` in the user's cache by default, one
 *   for all their work.
 * @throws RunError In one line: Python is missing or too old, it has no `venv`, or pip failed.
 */
export async function ensureNotebookEnvironment(
  options: { dir?: string; python?: string; log?: (line: string) => void; signal?: AbortSignal } =
    {},
): Promise<NotebookEnvironment> {
  const { python: given, signal, log = () => {} } = options;
  const dir = resolve(
    options.dir ?? join(userCache((name) => Deno.env.get(name)), "thinkset/jupyter"),
  );
  const kernelDeno = programIn(dir, "deno");
  const python = await pythonEnvironment({
    ...{ dir, signal, python: given, recipe: "1", complete: false },
    requirements: await Deno.readTextFile(REQUIREMENTS),
    onMake: () => log(`Making the notebook environment in ${dir} (once; about half a minute) …`),
    finish: (python) => installKernel({ dir, python, kernelDeno }, signal),
  });
  return { dir, python, kernelDeno };
}

/** The kernel's description, written by hand: `deno jupyter --install` writes to the home folder. */
async function installKernel(
  { dir, python, kernelDeno }: NotebookEnvironment,
  signal?: AbortSignal,
): Promise<void> {
  const spec = join(dir, "kernelspec");
  await Deno.mkdir(spec, { recursive: true });
  const kernel = {
    argv: [kernelDeno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    // SIGINT would end the kernel instead of the cell.
    interrupt_mode: "message",
    env: { NO_COLOR: "1", DENO_TLS_CA_STORE: "mozilla,system", DENO_NO_UPDATE_CHECK: "1" },
  };
  await Deno.writeTextFile(join(spec, "kernel.json"), JSON.stringify(kernel, null, 2) + "\n");
  await runProgram(python, [
    ...["-m", "jupyter_client.kernelspecapp", "install", spec],
    ...["--sys-prefix", "--name", KERNEL_NAME, "--replace"],
  ], { signal });
}
