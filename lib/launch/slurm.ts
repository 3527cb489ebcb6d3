/** SLURM's own commands: `sbatch` and `squeue`. */
import { InputError, oneLine, RunError } from "../core/errors.ts";

/** A job, or one task of an array, that is in the queue. */
export interface QueuedJob {
  name: string;
  /** The array task, or null. */
  task: number | null;
  /** As squeue has it: RUNNING, PENDING, COMPLETING and so on. */
  state: string;
  /** Why it waits: Dependency, Resources, Priority and so on. */
  reason: string;
}

/**
 * sbatch's options for a job that is to run when another has done well. Without the second one it
 * would wait for ever once the other has failed.
 */
export function afterOk(id: string): string[] {
  return [`--dependency=afterok:${id}`, "--kill-on-invalid-dep=yes"];
}

/** Submits a job script and returns the job's id. Throws `RunError` with sbatch's own words. */
export async function sbatch(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await output("sbatch", ["--parsable", ...args]);
  if (code !== 0) throw new RunError(`sbatch: ${oneLine(stderr)}`);
  return stdout.trim().split(";")[0]!;
}

/** The jobs of these names that wait or run, one for each array task. */
export async function squeue(names: readonly string[]): Promise<QueuedJob[]> {
  const args = ["-h", "-r", "-n", names.join(","), "-o", "%j|%K|%T|%r"];
  const { code, stdout, stderr } = await output("squeue", args);
  if (code !== 0) throw new RunError(`squeue: ${oneLine(stderr)}`);
  return stdout.split("\n").filter(Boolean).map((line) => {
    const [name, task, state, reason] = line.split("|") as [string, string, string, string];
    return { name, task: /^\d+$/.test(task) ? Number(task) : null, state, reason };
  });
}

async function output(command: string, args: string[]) {
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command(command, { args, stdin: "null" }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new InputError(`${command} is not on the PATH: is this a SLURM cluster's login node?`);
  }
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: result.code, stdout: text(result.stdout), stderr: text(result.stderr) };
}
