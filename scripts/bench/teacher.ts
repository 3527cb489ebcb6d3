// deno run -A scripts/bench/teacher.ts [PROMPTS [LATENCY_MS]]
// sample-teacher against a plain Python thread pool of 20 and bare fetch, on the same scripted
// provider, one after the other in one run, each as a process that starts from nothing.
import { join } from "node:path";
import { startScriptedProvider } from "../../tests/teacher/scripted_provider.ts";

interface Measured {
  status: number;
  wall_s: number;
  cpu_s: number;
  peak_mb: number;
}

/** Runs a program as a process of its own, measured by the operating system. */
async function measured(command: string[]): Promise<Measured> {
  const { stdout } = await new Deno.Command("python3", {
    args: [join(import.meta.dirname!, "measure.py"), ...command],
    env: { OPENAI_API_KEY: "sk-benchmark" },
    stderr: "inherit",
  }).output();
  const result: Measured = JSON.parse(new TextDecoder().decode(stdout));
  if (result.status !== 0) throw new Error(`${command.join(" ")} failed`);
  return result;
}

if (import.meta.main) {
  const [prompts = 1000, latencyMs = 200] = Deno.args.map(Number);
  const folder = await Deno.makeTempDir();
  const path = join(folder, "prompts.jsonl");
  const rows = Array.from(
    { length: prompts },
    (_, i) => ({ id: `p${i}`, prompt: `Question ${i}` }),
  );
  await Deno.writeTextFile(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  const provider = await startScriptedProvider({ latencyMs, capacity: 64 });
  const out = join(folder, "run");
  const runs: [string, number, string[]][] = [
    ["Python, thread pool of 20", 20, [
      "python3",
      join(import.meta.dirname!, "teacher_pool.py"),
      provider.url,
      path,
      join(folder, "pool.jsonl"),
    ]],
    ["Deno, bare fetch, 64 in flight", 64, [
      Deno.execPath(),
      ...["run", "-A", join(import.meta.dirname!, "teacher_fetch.ts"), provider.url, path, "64"],
    ]],
    ["sample-teacher", 64, [
      Deno.execPath(),
      ...["run", "-A", join(import.meta.dirname!, "..", "sample_teacher.ts"), "--prompts", path],
      ...["--model", "openai/gpt-4.1-mini", "--base-url", provider.url, "--out", out],
      ...["--progress", "none"],
    ]],
  ];
  try {
    for (const [name, inFlight, command] of runs) {
      const before = provider.stats.requests;
      const { wall_s: wall, cpu_s: cpu, peak_mb } = await measured(command);
      const ideal = prompts / inFlight * latencyMs / 1000;
      const requests = provider.stats.requests - before;
      console.log(
        `${name}: ${(prompts / wall).toFixed(0)} prompts/s (${wall.toFixed(1)} s, ` +
          `${(wall / ideal).toFixed(2)} of the ideal with ${inFlight} in flight), ` +
          `peak ${peak_mb.toFixed(0)} MB, ${
            (cpu * 1000 / requests).toFixed(2)
          } CPU ms a request, ` +
          `${requests} requests`,
      );
    }
  } finally {
    await provider.close();
    await Deno.remove(folder, { recursive: true });
  }
}
