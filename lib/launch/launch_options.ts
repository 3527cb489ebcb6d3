/** Options of `launch`, and what each of its stages asks of the cluster. */
import { z } from "zod";
import { flagName } from "../core/options.ts";

/** Resources of one stage's jobs; each is a flag of `launch`, also after a `--then`. */
const resources = {
  shards: z.number().int().min(1).max(99_999).optional().describe(
    "jobs that share the work, an array; default 1",
  ),
  parallel: z.number().int().positive().optional().describe("shards that run at once at most"),
  partition: z.string().optional().describe("as sbatch's"),
  gres: z.string().optional().describe("as sbatch's, such as gpu:1"),
  time: z.string().optional().describe("as sbatch's, such as 3:00:00"),
  sbatch: z.array(z.string()).default([]).meta({ metavar: "OPTION=VALUE" }).describe(
    "any other option of sbatch, such as account=lab or mem=64G",
  ),
  setup: z.array(z.string()).default([]).meta({ metavar: "COMMAND" }).describe(
    "a shell command that the job begins with, such as 'module load cuda'",
  ),
  serve: z.string().optional().meta({ metavar: "COMMAND" }).describe(
    "starts the model's server in the job; {model} and {port} are filled in",
  ),
  serveTimeout: z.number().positive().default(1800).describe(
    "seconds that the server may take to be healthy",
  ),
};

/** What a stage of a launch asks of the cluster. */
export const ResourceOptions = z.object(resources);
const resourceFlags = Object.keys(resources).map(flagName);

/** Options of `launch`, and of `deno task launch`. */
export const LaunchOptions = z.object({
  out: z.string().min(1).describe("the first stage's OUT; scripts and logs go to OUT/launch"),
  stage: z.string().optional().describe("the stage: sample-policy, score-responses, build-dpo, …"),
  ...resources,
  dryRun: z.boolean().default(false).describe("print the job scripts, write and submit nothing"),
  status: z.boolean().default(false).describe("show how the shards of OUT stand"),
});
export type LaunchOptions = z.input<typeof LaunchOptions>;

/** The resources of a chained stage: its own, else those of the launch. */
export function takenOver(
  given: z.output<typeof ResourceOptions>,
  launch: z.output<typeof LaunchOptions>,
  sharded: boolean,
): z.output<typeof ResourceOptions> {
  return {
    ...given,
    shards: given.shards ?? (sharded ? launch.shards : undefined),
    gres: given.gres ?? (sharded ? launch.gres : undefined),
    partition: given.partition ?? launch.partition,
    time: given.time ?? launch.time,
    setup: given.setup.length > 0 ? given.setup : launch.setup,
    sbatch: given.sbatch.length > 0 ? given.sbatch : launch.sbatch,
  };
}

/** Takes the resource flags out of a chained stage's words; all after a `--` are the stage's. */
export function sortFlags(words: readonly string[]): { own: string[]; flags: string[] } {
  const own: string[] = [], flags: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      flags.push(...words.slice(at + 1));
      break;
    }
    if (resourceFlags.includes(word)) own.push(word, ...words.slice(++at, at + 1));
    else if (resourceFlags.some((flag) => word.startsWith(`${flag}=`))) own.push(word);
    else flags.push(word);
  }
  return { own, flags };
}
