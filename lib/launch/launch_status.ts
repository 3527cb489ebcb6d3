/** How the shards of a launch stand, and the lines that run the failed ones again. */
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { InputError } from "../core/errors.ts";
import { isFile } from "../core/file_kind.ts";
import { readJsonFile } from "../io/disk/json_file.ts";
import { readManifest } from "../io/records/manifest_file.ts";
import { runFiles } from "../run/run_files.ts";
import { LaunchRecord } from "./launch_record.ts";
import { shellQuote } from "./shell_quote.ts";
import { afterOk, type QueuedJob, squeue } from "./slurm.ts";

/** How a shard, or a stage that is one job, stands. */
export type ShardState =
  | { state: "done" }
  | { state: "running" }
  | { state: "waiting"; why: string }
  | { state: "failed"; why: string };

type LaunchedStage = LaunchRecord["stages"][number];

/** Prints how every stage stands. Throws `InputError` where nothing was launched. */
export async function showStatus(folder: string, log: (line: string) => void): Promise<void> {
  const { stages } = readLaunchRecord(folder);
  const queue = await squeue(stages.map(({ job }) => job));
  const states = await Promise.all(
    stages.map((stage, index) => stageStates(folder, stage, index, queue)),
  );
  for (const line of statusLines(stages, states)) log(line);
}

/** The status as lines. Pure. */
export function statusLines(
  stages: readonly LaunchedStage[],
  states: readonly ShardState[][],
): string[] {
  const lines: string[] = [];
  stages.forEach((stage, index) => {
    const all = states[index]!;
    const count = (state: ShardState["state"]) => all.filter((each) => each.state === state).length;
    const parts = (["done", "running", "waiting", "failed"] as const)
      .filter((state) => count(state) > 0)
      .map((state) => `${count(state)} ${state}`);
    lines.push(
      `${stage.name}${stage.out ? ` (${stage.out})` : ""}: ${parts.join(", ")} of ${all.length}`,
    );
    all.forEach((each, shard) => {
      if (each.state === "failed") lines.push(`  ${nameOf(stage, shard)}: failed: ${each.why}`);
    });
    const why = new Set(all.flatMap((each) => each.state === "waiting" ? [each.why] : []));
    if (why.size > 0) lines.push(`  waiting for: ${[...why].join(", ")}`);
  });
  const again = againLines(stages, states);
  if (again.length > 0) lines.push("To run the failed ones again:", ...again.map((l) => `  ${l}`));
  return lines;
}

/** Shell lines that submit what failed, and the stages after it that did not come to run. */
function againLines(stages: readonly LaunchedStage[], states: readonly ShardState[][]): string[] {
  const lines: string[] = [];
  stages.forEach((stage, index) => {
    const failed = states[index]!.flatMap(({ state }, shard) => state === "failed" ? [shard] : []);
    if (failed.length === 0) return;
    const words = ["sbatch", "--parsable"];
    if (stage.shards > 0) words.push(`--array=${failed.join(",")}`);
    if (lines.length > 0) words.push(...afterOk(`$job${lines.length}`));
    words.push(shellQuote(stage.script));
    lines.push(`job${lines.length + 1}=$(${words.join(" ")})`);
  });
  return lines;
}

async function stageStates(
  folder: string,
  stage: LaunchedStage,
  index: number,
  queue: readonly QueuedJob[],
): Promise<ShardState[]> {
  const jobs = queue.filter(({ name }) => name === stage.job);
  return await Promise.all(
    Array.from({ length: Math.max(1, stage.shards) }, async (_, shard): Promise<ShardState> => {
      const task = stage.shards > 0 ? shard : null;
      const queued = jobs.find((job) => job.task === task);
      if (queued && queued.state !== "PENDING") return { state: "running" };
      if (queued) return { state: "waiting", why: queued.reason };
      if (isDone(stage, shard)) return { state: "done" };
      return { state: "failed", why: await lastWords(folder, index, stage, shard) };
    }),
  );
}

function isDone({ out, shards, done }: LaunchedStage, index: number): boolean {
  if (done !== undefined) return isFile(done);
  const files = runFiles(out, { index, count: Math.max(1, shards) });
  try {
    return readManifest(files.manifest)?.status === "done";
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** The last line of the newest log of a shard: what it died of. */
async function lastWords(
  folder: string,
  index: number,
  { name, shards }: LaunchedStage,
  shard: number,
): Promise<string> {
  const prefix = `${index + 1}-${name}-`;
  const suffix = shards > 0 ? `_${shard}.log` : ".log";
  const logs: { path: string; at: number }[] = [];
  for await (const entry of Deno.readDir(join(folder, "logs"))) {
    if (!entry.name.startsWith(prefix) || !entry.name.endsWith(suffix)) continue;
    if (entry.name.startsWith(`${prefix}server`)) continue;
    const path = join(folder, "logs", entry.name);
    logs.push({ path, at: (await Deno.stat(path)).mtime?.getTime() ?? 0 });
  }
  const newest = logs.sort((a, b) => b.at - a.at)[0];
  if (!newest) return "it did not come to run (a stage before it failed, or it was cancelled)";
  const lines = (await Deno.readTextFile(newest.path)).trimEnd().split("\n");
  const last = stripVTControlCharacters(lines.at(-1)!.split("\r").at(-1)!).trim();
  return `${last || "no word"} (${newest.path})`;
}

function readLaunchRecord(folder: string): LaunchRecord {
  const path = join(folder, "plan.json"), record = readJsonFile(path, LaunchRecord);
  if (record !== undefined) return record;
  throw new InputError(`${path}: not found: nothing was launched with this --out`);
}

function nameOf(stage: LaunchedStage, shard: number): string {
  return stage.shards > 0 ? `shard ${shard}` : "the job";
}
