/** A program as a process of its own, measured by the operating system. */
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { taskArgs } from "../../tests/cli.ts";

/** What a process took. */
export interface Usage {
  /** User and system time, of all threads. */
  cpu_s: number;
  wall_s: number;
  /** The most memory resident at once, in MB. */
  peak_mb: number;
  /** The last line that it printed. */
  printed: string;
}

/** Runs a command to its end. Throws with the end of its stderr where it fails. */
export async function measured(command: string[], env: Record<string, string> = {}) {
  const { stdout, stderr } = await new Deno.Command("python3", {
    args: [join(import.meta.dirname!, "measure.py"), ...command],
    // Tasks name their scripts from the repository's root.
    cwd: join(import.meta.dirname!, "../.."),
    env: {
      HF_HUB_OFFLINE: "1",
      TOKENIZERS_PARALLELISM: "false",
      OMP_NUM_THREADS: "1",
      CUDA_VISIBLE_DEVICES: "",
      ...env,
    },
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stdout).trim();
  const usage: Usage & { status: number } = JSON.parse(lines === "" ? '{"status":-1}' : lines);
  if (usage.status !== 0) {
    throw new Error(`${command.join(" ")}: ${decoder.decode(stderr).slice(-1500)}`);
  }
  return usage as Usage;
}

/** The command line of a task, with the permissions and flags it has in deno.json. */
export function task(name: keyof typeof config.tasks, ...args: string[]): string[] {
  return [Deno.execPath(), ...taskArgs(name, args)];
}

/** The command line of a program beside this file, under the V8 flags that sampling tasks have. */
export function program(name: string, ...args: string[]): string[] {
  const v8 = config.tasks["sample-policy"].split(" ").filter((it) => it.startsWith("--v8-flags"));
  return [Deno.execPath(), "run", "-A", ...v8, join(import.meta.dirname!, name), ...args];
}
