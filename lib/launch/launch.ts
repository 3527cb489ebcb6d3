/** Runs a stage's shards, and stages after it, as SLURM jobs. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { TASK_COMMAND } from "../core/packaged.ts";
import { doneFile, jobName, type JobPlace, jobScript, stageLabel } from "./job_script.ts";
import { type LaunchOptions } from "./launch_options.ts";
import { planLaunch, type PlannedStage } from "./launch_plan.ts";
import type { StageFacts } from "../run/define_stage.ts";
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
  options: z.output<typeof LaunchOptions>,
  context: StageContext,
  { rest, stages }: { rest: readonly string[]; stages: readonly StageFacts[] },
): Promise<LaunchResult> {
  const folder = join(resolve(options.out), "launch");
  if (options.status) {
    await showStatus(folder, context.log);
    return { scripts: {}, jobs: [] };
  }
  const plan = await planLaunch(options, rest, stages);
  const place: JobPlace = {
    deno: Deno.execPath(),
    home: fileURLToPath(new URL("../..", import.meta.url)),
    cwd: Deno.cwd(),
    folder,
  };
  const scripts = Object.fromEntries(
    plan.map((planned, index) => [
      `${stageLabel(planned, index)}.sh`,
      jobScript(planned, index, place),
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
  context.log(`status: ${TASK_COMMAND} launch --status --out ${shellQuote(options.out)}`);
  return { scripts, jobs };
}

async function submit(
  plan: readonly PlannedStage[],
  folder: string,
  { log }: StageContext,
): Promise<string[]> {
  const record: LaunchRecord = { stages: [] };
  for (const [index, planned] of plan.entries()) {
    const { shards, out, stage: { name, leaves } } = planned;
    const before = record.stages.at(-1);
    const script = join(folder, `${stageLabel(planned, index)}.sh`);
    const id = await sbatch([...(before ? afterOk(before.id) : []), script]);
    const jobs = shards > 0 ? `${shards} shard(s)` : "one job";
    log(`${name}: job ${id}, ${jobs}${before ? `, after ${before.id}` : ""}: ${script}`);
    record.stages.push({
      name,
      job: jobName(planned),
      shards,
      out: out ?? "",
      ...(leaves.kind === "nothing" ? { done: doneFile(planned, index, folder) } : {}),
      script,
      id,
    });
    await Deno.writeTextFile(join(folder, "plan.json"), JSON.stringify(record, null, 2) + "\n");
  }
  return record.stages.map(({ id }) => id);
}
