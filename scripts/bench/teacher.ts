/**
 * sample-teacher against a plain Python thread pool of 20 and bare fetch, on the same scripted
 * provider, each as a process that starts from nothing.
 */
import { join } from "node:path";
import { startScriptedProvider } from "../../tests/teacher/scripted_provider.ts";
import { measured, program, task, type Usage } from "./measured.ts";
import { inTurn, median, medianOf, type Row, type Setup } from "./row.ts";
import { writeRows } from "./write_file.ts";

export async function teacher({ pairs, quick, folder }: Setup): Promise<Row[]> {
  const [prompts, latencyMs] = quick ? [100, 50] : [1_000, 200];
  const path = join(folder, "prompts.jsonl"), out = join(folder, "run");
  writeRows(path, prompts, (at) => ({ id: `p${at}`, prompt: `Question ${at}` }));
  const provider = await startScriptedProvider({ latencyMs, capacity: 64 });
  const env = { OPENAI_API_KEY: "sk-benchmark" };
  const pool = join(import.meta.dirname!, "teacher_pool.py");
  const ask = async () => {
    const usage = await measured([
      ...task("sample-teacher", "--prompts", path, "--model", "openai/gpt-4.1-mini"),
      ...["--base-url", provider.url, "--out", out, "--progress", "none"],
    ], env);
    await Deno.remove(out, { recursive: true });
    return usage;
  };
  try {
    const both = await inTurn(
      pairs,
      ask,
      () => measured(["python3", pool, provider.url, path, join(folder, "pool.jsonl")], env),
    );
    const bare = await inTurn(
      pairs,
      ask,
      () => measured(program("teacher_fetch.ts", provider.url, path, "64"), env),
    );
    const shown = (runs: Usage[]) =>
      `${medianOf(runs, (run) => prompts / run.wall_s, 0)} prompts/s, ` +
      `${medianOf(runs, (run) => run.cpu_s, 1)} CPU s, ` +
      `${medianOf(runs, (run) => run.peak_mb, 0)} MB`;
    const against = (peer: Usage[], ours: Usage[]) =>
      ours.map((run, at) => peer[at]!.wall_s / run.wall_s);
    const what = `${prompts.toLocaleString("en")} prompts at ${latencyMs} ms`;
    const ideal = prompts / 64 * latencyMs / 1000;
    return [
      {
        what: `a teacher, ${what}`,
        ours: shown(both.ours),
        peer: `Python thread pool of 20: ${shown(both.theirs)}`,
        ratios: against(both.theirs, both.ours),
        unit: "times as fast",
        note: "A scripted provider that refuses more than 64 at once, which the task finds by " +
          `itself; 64 at once without a pause would take ${ideal.toFixed(1)} s, the task took ` +
          `${median(both.ours.map((run) => run.wall_s)).toFixed(1)} s with its start.`,
        headline: true,
      },
      {
        what: `a teacher, ${what}, against bare fetch`,
        ours: shown(bare.ours),
        peer: `Deno's fetch, 64 at once, nothing kept: ${shown(bare.theirs)}`,
        ratios: bare.theirs.map((run, at) => bare.ours[at]!.wall_s / run.wall_s),
        unit: "of bare fetch's time",
      },
    ];
  } finally {
    await provider.close();
  }
}
