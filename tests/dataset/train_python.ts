/** A Python with torch and TRL, for the tests that train a step. */
import { trainingPython } from "../../lib/prove/environment.ts";
import { whyNo } from "../installed.ts";
import { python } from "../python.ts";

/** Why there can be none: torch from PyPI is linked to CUDA's libraries, and these are stood in for. */
export const noTraining = whyNo(["gcc", "nm", "objdump"]);

/** prove's Python, or another environment with torch, which runs without CUDA's libraries. */
export async function trainPython(environment?: string): Promise<string> {
  if (environment === undefined) {
    return await trainingPython(console.error, new AbortController().signal);
  }
  const interpreter = await python(environment);
  const program = new URL("../../lib/prove/cuda_stubs.py", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command(interpreter, { args: [program] }).output();
  if (!success) throw new Error(`cuda_stubs.py: ${new TextDecoder().decode(stderr).slice(-2000)}`);
  return interpreter;
}

/** Runs a program, by its name in this folder or its address: a JSON job in, JSON out. */
export async function runProgram<T>(interpreter: string, name: string, job: unknown): Promise<T> {
  const program = new URL(name, import.meta.url).pathname;
  const child = new Deno.Command(interpreter, {
    args: [program],
    env: {
      HF_HUB_OFFLINE: "1",
      HF_HUB_DISABLE_TELEMETRY: "1",
      TOKENIZERS_PARALLELISM: "false",
      CUDA_VISIBLE_DEVICES: "",
      OMP_NUM_THREADS: "1",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const feed = async () => {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(job)));
    await writer.close();
  };
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), feed()]);
  if (!success) throw new Error(`${name}: ${new TextDecoder().decode(stderr).slice(-3000)}`);
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return JSON.parse(lines.at(-1)!) as T;
}
