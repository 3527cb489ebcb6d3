/** What is to be run on a cluster: the stages of a launch, each with its flags and resources. */
import { resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.ts";

/** Stages that work in shards. */
export const SHARDED = ["sample-teacher", "sample-policy", "score-responses"] as const;
/** Stages that are one job. */
export const WHOLE = ["build-sft", "build-dpo", "build-rl", "report", "verify"] as const;
export type StageName = (typeof SHARDED)[number] | (typeof WHOLE)[number];

const stageNames: readonly string[] = [...SHARDED, ...WHOLE];

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

/** Options of `launch`, and of `deno task launch`. */
export const LaunchOptions = z.object({
  out: z.string().min(1).describe("the first stage's OUT; scripts and logs go to OUT/launch"),
  stage: z.string().optional().describe(`the stage: ${stageNames.join(", ")}`),
  ...resources,
  dryRun: z.boolean().default(false).describe("print the job scripts, write and submit nothing"),
  status: z.boolean().default(false).describe("show how the shards of OUT stand"),
});
export type LaunchOptions = z.input<typeof LaunchOptions>;

/** One stage of a launch. */
export interface PlannedStage {
  name: StageName;
  /** 0 for a stage that is one job without shards. */
  shards: number;
  out: string;
  /** The stage's own flags, `--out` and `--in` among them. */
  flags: string[];
  resources: z.output<typeof Resources>;
}

const Resources = z.object(resources);
const resourceFlags = Object.keys(resources).map((name) =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
);

/**
 * The stages of a launch: `--stage` with the flags after `--`, then what follows each `--then
 * NAME`. After `--then`, resource flags (`--shards`, `--serve`, …) are the jobs', all others the
 * stage's. A chained stage reads the one before unless it has `--in`, and writes to `OUT-NAME`
 * unless it has `--out`; it takes over partition, time, setup and sbatch options, and, where it
 * works in shards, their number and gres. Throws `InputError`.
 */
export function planLaunch(
  options: z.output<typeof LaunchOptions>,
  rest: readonly string[],
  parse: (args: string[]) => z.output<typeof Resources>,
): PlannedStage[] {
  if (!options.stage) throw new InputError(`--stage NAME is needed: ${stageNames.join(", ")}`);
  const [first, ...chained] = splitAt(rest, "--then");
  const out = resolve(options.out);
  const plan = [planned(options.stage, options, out, withOut(first!, out, "--out"))];
  for (const [name, ...args] of chained) {
    if (name === undefined) throw new InputError("--then: name a stage");
    const { own, flags } = sortFlags(args);
    const before = plan.at(-1)!;
    const given = parse(own);
    const sharded = isSharded(name);
    const resources = {
      ...given,
      shards: given.shards ?? (sharded ? options.shards : undefined),
      gres: given.gres ?? (sharded ? options.gres : undefined),
      partition: given.partition ?? options.partition,
      time: given.time ?? options.time,
      setup: given.setup.length > 0 ? given.setup : options.setup,
      sbatch: given.sbatch.length > 0 ? given.sbatch : options.sbatch,
    };
    const itsOut = resolve(valueOf(flags, "--out") ?? `${out}-${name}`);
    const all = withOut(withOut(flags, before.out, "--in"), itsOut, "--out");
    plan.push(planned(name, resources, itsOut, all));
  }
  return plan;
}

function planned(
  name: string,
  resources: z.output<typeof Resources>,
  out: string,
  flags: string[],
): PlannedStage {
  if (!stageNames.includes(name)) {
    throw new InputError(`stage ${JSON.stringify(name)}: one of ${stageNames.join(", ")}`);
  }
  if (!isSharded(name) && (resources.shards ?? 1) > 1) {
    throw new InputError(`${name} is one job: --shards is for ${SHARDED.join(", ")}`);
  }
  if (valueOf(flags, "--shard")) throw new InputError("--shard: the array gives it; use --shards");
  if (resources.serve !== undefined) {
    if (!resources.serve.includes("{port}")) {
      throw new InputError("--serve: must hold {port}, the port that the server is to listen on");
    }
    if (valueOf(flags, "--base-url")) {
      throw new InputError("--base-url: with --serve the job's own server is used");
    }
  }
  const shards = isSharded(name) ? resources.shards ?? 1 : 0;
  return { name: name as StageName, shards, out, flags, resources };
}

function isSharded(name: string): boolean {
  return (SHARDED as readonly string[]).includes(name);
}

function withOut(flags: readonly string[], value: string, flag: string): string[] {
  return valueOf(flags, flag) === undefined ? [flag, value, ...flags] : [...flags];
}

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

/** Reads the resource flags after a `--then`. */
export const ResourceOptions = Resources;
