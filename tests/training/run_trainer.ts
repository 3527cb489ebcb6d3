/** Runs a program with a real trainer's Python: a JSON job in, JSON out. */

/** What the program wrote last; `path` is put before the interpreter's own packages. */
export async function runTrainer<T>(
  interpreter: string,
  name: string,
  job: unknown,
  path: string[] = [],
): Promise<T> {
  const child = new Deno.Command(interpreter, {
    args: [new URL(name, import.meta.url).pathname],
    env: {
      HF_HUB_OFFLINE: "1",
      HF_HUB_DISABLE_TELEMETRY: "1",
      TOKENIZERS_PARALLELISM: "false",
      CUDA_VISIBLE_DEVICES: "",
      OMP_NUM_THREADS: "1",
      PYTHONPATH: path.join(":"),
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
