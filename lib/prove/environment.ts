/** A Python with torch and TRL, made once. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../core/canonical.ts";
import { RunError } from "../core/errors.ts";
import { findPython } from "../notebook/python.ts";
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
 * (some minutes; 1 GB). Calls from several processes wait for each other.
 *
 * @throws {RunError} where Python, pip or a compiler (gcc, binutils) is missing.
 */
export async function trainingPython(
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  await Deno.mkdir(join(".cache", "train"), { recursive: true });
  const dir = await Deno.realPath(join(".cache", "train")), venv = join(dir, "venv");
  const interpreter = join(venv, "bin", "python"), stampFile = join(dir, "stamp");
  const requirements = await Deno.readTextFile(at("requirements.txt"));
  const stamp = sha256(JSON.stringify([venv, requirements]));
  const isReady = async () => await Deno.readTextFile(stampFile).catch(() => "") === stamp;
  if (await isReady()) return interpreter;
  using lock = await Deno.open(join(dir, "lock"), { create: true, write: true });
  await lock.lock(true);
  if (await isReady()) return interpreter;
  log(`making an environment with torch and TRL in ${dir} (once; 1 GB, a few minutes)`);
  const env = { PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  const run = (program: string, args: string[]) => runProgram(program, args, { env, signal });
  await run(await findPython(), ["-m", "venv", "--clear", venv]);
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "-r", at("requirements.txt")];
  await run(interpreter, pip);
  await run(interpreter, [at("cuda_stubs.py")]);
  await Deno.writeTextFile(stampFile, stamp);
  return interpreter;
}
