/** Runs the tasks as a user does: the script in a process of its own, with the task's permissions. */
import config from "../deno.json" with { type: "json" };

/** How a command ended. */
export interface Ended {
  code: number;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** The command line of a task, its own permissions included. */
export function taskArgs(task: keyof typeof config.tasks, args: readonly string[]): string[] {
  const [deno, ...rest] = config.tasks[task].replaceAll('"', "").split(" ");
  if (deno !== "deno") throw new Error(`task ${task} is not a deno command`);
  const words = rest.map((word) => word.replace(/\$(\w+)/g, (_, name) => Deno.env.get(name) ?? ""));
  return [...words, ...args];
}

/** Starts a task. */
export function startTask(
  task: keyof typeof config.tasks,
  args: readonly string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: taskArgs(task, args),
    env: { NO_COLOR: "1", INIT_CWD: "", ...env },
    stdout: "piped",
    stderr: "piped",
    stdin: "null",
  }).spawn();
}

/** What a command wrote, but for the word that it is at work, which slow machines alone show. */
export function withoutFirstWord(stderr: string): string {
  return stderr.replace(/^[\w-]+: at work: .*\n/m, "");
}

/** Runs a task to its end. */
export async function runTask(
  task: keyof typeof config.tasks,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const { code, signal, stdout, stderr } = await startTask(task, args, env).output();
  const decoder = new TextDecoder();
  return {
    code,
    signal,
    stdout: decoder.decode(stdout),
    stderr: withoutFirstWord(decoder.decode(stderr)),
  };
}

/** A temporary folder, removed when the test ends. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
