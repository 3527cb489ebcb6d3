/** A Python with torch and TRL, made once. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RunError } from "../core/errors.ts";
import { pythonEnvironment } from "../notebook/python_environment.ts";
import { runProgram } from "../notebook/run_program.ts";

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * An interpreter of the user's own, once it is known to have what a training imports.
 *
 * @throws {RunError} where it cannot be started, and where it lacks a package.
 */
export async function givenPython(python: string, signal: AbortSignal): Promise<string> {
  const program = "import importlib.util as u\n" +
    "for name in ('datasets', 'onnx', 'safetensors', 'torch', 'transformers', 'trl'):\n" +
    "    if u.find_spec(name) is None: print(name)";
  const said = await runProgram(python, ["-c", program], { signal });
  const missing = said.trim().split(/\s+/).join(", ");
  if (missing === "") return python;
  throw new RunError(
    `--python ${python}: has no ${missing}: install that, or leave --python out (an environment is made)`,
  );
}

/**
 * The interpreter of the environment in `.cache/train`, which is made where it is not there yet
 * (some minutes, fewer with uv; 1 GB).
 *
 * @throws {RunError} where Python, pip or a compiler (gcc, binutils) is missing.
 */
export async function trainingPython(
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const dir = resolve(".cache", "train");
  return await pythonEnvironment({
    ...{ dir, signal, complete: true },
    requirements: await Deno.readTextFile(at("requirements.txt")),
    onMake: () =>
      log(`making an environment with torch and TRL in ${dir} (once; 1 GB, a few minutes)`),
    finish: async (python) => {
      await runProgram(python, [at("cuda_stubs.py")], { signal });
    },
  });
}
