/** Runs a stage's shards, and stages after it, as SLURM jobs. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseFlags } from "../cli/flags.ts";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { jobName, type JobPlace, jobScript, stageLabel } from "./job_script.ts";
import { LaunchOptions, planLaunch, type PlannedStage, ResourceOptions } from "./launch_plan.ts";
import type { LaunchRecord } from "./launch_record.ts";
import { showStatus } from "./launch_status.ts";
import { shellQuote } from "./shell_quote.ts";
import { afterOk, sbatch } from "./slurm.ts";

/** What was printed and submitted. */
export interface LaunchResult {
  /** Job scripts by their names in OUT/launch. */
  scripts: Record<string, string>;
  /** Job ids in the order of the stages; none for a dry run. */
  jobs: string[];
}

/**
 * Writes a job script for each stage to OUT/launch and submits it, each stage after the one before
 * (`afterok`). `rest` is what stands after `--`: the first stage's flags, and `--then NAME` with
 * those of the stages that follow.
 *
 * Throws `InputError` for bad options and where there is no sbatch, `RunError` where sbatch
 * refuses.
 */
export async function launch(
  given: LaunchOptions,
  overrides: Partial<StageContext> = {},
  { rest = [] }: { rest?: readonly string[] } = {},
): Promise<LaunchResult> {
  const options = LaunchOptions.parse(given);
  const context = defaultContext(overrides);
  const folder = join(resolve(options.out), "launch");
  if (options.status) {
    await showStatus(folder, context.log);
    return { scripts: {}, jobs: [] };
  }
  const plan = planLaunch(options, rest, (args) => parseFlags(ResourceOptions, args));
  const place: JobPlace = {
    deno: Deno.execPath(),
    home: fileURLToPath(new URL("../..", import.meta.url)),
    cwd: Deno.cwd(),
    folder,
  };
  const scripts = Object.fromEntries(
    plan.map((stage, index) => [
      `${stageLabel(stage, index)}.sh`,
      jobScript(stage, index, place),
    ]),
  );
  if (options.dryRun) {
    for (const [name, text] of Object.entries(scripts)) {
      console.log(`# ${join(folder, name)}\n${text}`);
    }
    return { scripts, jobs: [] };
  }
  // SLURM fails a job whose log folder is missing before it has begun.
  await Deno.mkdir(join(folder, "logs"), { recursive: true }).catch((error) => {
    throw new InputError(`${folder}: cannot make the folder: ${error.message}`);
  });
  for (const [name, text] of Object.entries(scripts)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  const jobs = await submit(plan, folder, context);
  context.log(`status: deno task launch --status --out ${shellQuote(options.out)}`);
  return { scripts, jobs };
}

async function submit(
  plan: readonly PlannedStage[],
  folder: string,
  { log }: StageContext,
): Promise<string[]> {
  const record: LaunchRecord = { stages: [] };
  for (const [index, stage] of plan.entries()) {
    const before = record.stages.at(-1);
    const script = join(folder, `${stageLabel(stage, index)}.sh`);
    const id = await sbatch([...(before ? afterOk(before.id) : []), script]);
    const shards = stage.shards > 0 ? `${stage.shards} shard(s)` : "one job";
    log(`${stage.name}: job ${id}, ${shards}${before ? `, after ${before.id}` : ""}: ${script}`);
    record.stages.push({
      name: stage.name,
      job: jobName(stage),
      shards: stage.shards,
      out: stage.out,
      script,
      id,
    });
    await Deno.writeTextFile(join(folder, "plan.json"), JSON.stringify(record, null, 2) + "\n");
  }
  return record.stages.map(({ id }) => id);
}
