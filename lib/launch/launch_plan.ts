/** What is to be run on a cluster: the stages of a launch, each with its flags and resources. */
import { resolve } from "node:path";
import { z } from "zod";
import { commandOf, readCommandLine } from "../cli/command.ts";
import { parseFlags } from "../cli/flags.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { InputError } from "../core/errors.ts";
import { flagName } from "../core/options.ts";
import { type StageFacts, worksInShards } from "../run/define_stage.ts";

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

/** One stage of a launch. */
export interface PlannedStage {
  stage: StageFacts;
  /** 0 for a stage that is one job without shards. */
  shards: number;
  /** Where it writes; undefined for a stage that writes nowhere. */
  out: string | undefined;
  /** The stage's own flags, those for its input and its output among them. */
  flags: string[];
  resources: z.output<typeof ResourceOptions>;
}

/**
 * The stages of a launch: `--stage` with the flags after `--`, then what follows each `--then
 * NAME`. After `--then`, resource flags (`--shards`, `--serve`, …) are the jobs', all others the
 * stage's. A chained stage reads what the one before wrote unless it is told what to read, and
 * writes to `OUT-NAME` unless it has `--out`; it takes over partition, time, setup and sbatch
 * options, and, where it works in shards, their number and gres. The flags of every stage are read
 * as the stage itself will read them.
 *
 * @throws {InputError} naming the stage and the flag.
 */
export async function planLaunch(
  options: z.output<typeof LaunchOptions>,
  rest: readonly string[],
  stages: readonly StageFacts[],
): Promise<PlannedStage[]> {
  const names = stages.map(({ name }) => name).join(", ");
  if (!options.stage) throw new InputError(`--stage NAME is needed: ${names}`);
  const [own, ...chained] = splitAt(rest, "--then");
  const out = resolve(options.out);
  const first = stageNamed(options.stage, stages);
  const plan = [await planned(first, options, own!, { out })];
  let reads = out;
  for (const [name, ...args] of chained) {
    if (name === undefined) throw new InputError(`--then: name a stage: ${names}`);
    const stage = stageNamed(name, stages);
    const { own, flags } = sortFlags(args);
    const resources = takenOver(parseFlags(ResourceOptions, own), options, worksInShards(stage));
    const next = await planned(stage, resources, flags, { out: `${out}-${name}`, reads });
    plan.push(next);
    // A stage that writes nowhere, or a page, has nothing for the next one to read.
    if (next.out !== undefined && stage.leaves.kind !== "nothing") reads = next.out;
  }
  return plan;
}

function stageNamed(name: string, stages: readonly StageFacts[]): StageFacts {
  const stage = stages.find((each) => each.name === name);
  if (stage !== undefined) return stage;
  const names = stages.map((each) => each.name);
  throw new InputError(
    `stage ${JSON.stringify(name)}: one of ${names.join(", ")}${didYouMean(name, names)}`,
  );
}

/** The resources of a chained stage: its own, else those of the launch. */
function takenOver(
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

async function planned(
  stage: StageFacts,
  resources: z.output<typeof ResourceOptions>,
  own: readonly string[],
  places: { out: string; reads?: string },
): Promise<PlannedStage> {
  const { name } = stage;
  const sharded = worksInShards(stage);
  if (!sharded && (resources.shards ?? 1) > 1) {
    throw new InputError(`${name} is one job: --shards is for stages that work in shards`);
  }
  if (valueOf(own, "--shard")) throw new InputError("--shard: the array gives it; use --shards");
  const flags = placed(stage, own, places);
  try {
    await readCommandLine(commandOf(stage), flags);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${name}: ${error.message}`);
  }
  if (resources.serve !== undefined) {
    if (!resources.serve.includes("{port}")) {
      throw new InputError("--serve: must hold {port}, the port that the server is to listen on");
    }
    if (valueOf(flags, "--base-url")) {
      throw new InputError("--base-url: with --serve the job's own server is used");
    }
  }
  const out = valueOf(flags, "--out");
  return {
    stage,
    shards: sharded ? resources.shards ?? 1 : 0,
    out: out === undefined ? undefined : resolve(out),
    flags,
    resources,
  };
}

/** The flags with those for input and output before them, where the stage has such and lacks them. */
function placed(
  { options, leaves }: StageFacts,
  flags: readonly string[],
  { out, reads }: { out: string; reads?: string },
): string[] {
  const added: string[] = [];
  const add = (flag: string, value: string) => {
    if (valueOf(flags, flag) === undefined) added.push(flag, value);
  };
  if ("out" in options.shape) add("--out", leaves.kind === "nothing" ? `${out}.html` : out);
  const input = INPUTS.find((name) => name in options.shape);
  if (reads !== undefined && input !== undefined) add(`--${input}`, reads);
  return [...added, ...flags];
}

/** The options that name what a stage reads. */
const INPUTS = ["in", "prompts"];

/** The value of a flag in a list of words, as `--flag value` or `--flag=value`. */
export function valueOf(words: readonly string[], flag: string): string | undefined {
  const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  return words[at] === flag ? words[at + 1] : words[at]!.slice(flag.length + 1);
}

/** Takes the resource flags out of a chained stage's words; all after a `--` are the stage's. */
function sortFlags(words: readonly string[]): { own: string[]; flags: string[] } {
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

function splitAt(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)!.push(word);
  }
  return parts;
}
