/** A Python of the tests' own: a virtual environment with pinned packages, made once. */
import { pythonEnvironment } from "../lib/notebook/python_environment.ts";

const root = new URL("../", import.meta.url).pathname;

/**
 * The path of a Python interpreter that has the packages of tests/requirements.txt, and those of
 * `tests/requirements-EXTRA.txt` too where `extra` is given (an environment of its own); those alone
 * where that file says so in its first line.
 *
 * The environment lives in .cache and is made again when a requirements file has changed.
 */
export async function python(extra?: string): Promise<string> {
  const lists = [await Deno.readTextFile(`${root}tests/requirements.txt`)];
  if (extra) {
    const list = await Deno.readTextFile(`${root}tests/requirements-${extra}.txt`);
    if (list.startsWith("# Alone: ")) lists.pop();
    lists.push(list);
  }
  return await pythonEnvironment({
    dir: `${root}.cache/python/${extra ?? "tests"}`,
    requirements: lists.join("\n"),
    complete: true,
  });
}

/** Runs a Python program in that environment, and gives what it prints; throws where it fails. */
export async function runPython(
  program: string,
  args: string[] = [],
  options: { stdin?: string; extra?: string } = {},
): Promise<string> {
  return await run(await python(options.extra), ["-c", program, ...args], options.stdin);
}

async function run(command: string, args: string[], stdin = ""): Promise<string> {
  const child = new Deno.Command(command, {
    args,
    env: { HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const feed = async () => {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  };
  const [output] = await Promise.all([child.output(), feed().catch(() => {})]);
  const stdout = new TextDecoder().decode(output.stdout);
  if (output.success) return stdout;
  const stderr = new TextDecoder().decode(output.stderr);
  throw new Error(
    `${command} ${args[0]} exited ${output.code}: ${(stderr || stdout).slice(-3000)}`,
  );
}
