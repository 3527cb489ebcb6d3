/** A Python of the tests' own: a virtual environment with pinned packages, made once. */
import { createHash } from "node:crypto";

const root = new URL("../", import.meta.url).pathname;

/**
 * The path of a Python interpreter that has the packages of tests/requirements.txt, and those of
 * `tests/requirements-EXTRA.txt` too where `extra` is given (an environment of its own); those alone
 * where that file says so in its first line.
 *
 * The environment lives in .cache and is made again when a requirements file has changed. A lock
 * held by the making process lets test files run side by side.
 */
export async function python(extra?: string): Promise<string> {
  const lists = [`${root}tests/requirements.txt`];
  if (extra) {
    const list = `${root}tests/requirements-${extra}.txt`;
    if ((await Deno.readTextFile(list)).startsWith("# Alone: ")) lists.pop();
    lists.push(list);
  }
  const hash = createHash("sha256");
  for (const list of lists) hash.update(await Deno.readTextFile(list));
  const wanted = hash.digest("hex");

  const venv = `${root}.cache/venv-tests${extra ? `-${extra}` : ""}`;
  const interpreter = `${venv}/bin/python`, mark = `${venv}/made-from`;
  await Deno.mkdir(`${root}.cache`, { recursive: true });
  const lock = await Deno.open(`${venv}.lock`, { create: true, write: true });
  try {
    await lock.lock(true);
    const made = await Deno.readTextFile(mark).catch(() => "");
    if (made !== wanted) {
      await Deno.remove(venv, { recursive: true }).catch(() => {});
      await run("python3", ["-m", "venv", venv]);
      const packages = lists.flatMap((list) => ["-r", list]);
      await run(interpreter, ["-m", "pip", "install", "--quiet", "--no-deps", ...packages]);
      await Deno.writeTextFile(mark, wanted);
    }
  } finally {
    lock.close();
  }
  return interpreter;
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
    env: {
      HF_HUB_OFFLINE: "1",
      TOKENIZERS_PARALLELISM: "false",
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
    },
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
