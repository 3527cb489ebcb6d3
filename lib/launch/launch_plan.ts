/** What is to be run on a cluster: the stages of a launch, each with its flags and resources. */
import { resolve } from "node:path";
import type { z } from "zod";
import { commandOf, readCommandLine } from "../cli/command.ts";
import { parseFlags } from "../cli/flags.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { InputError } from "../core/errors.ts";
import { type StageFacts, worksInShards } from "../run/define_stage.ts";
import { type LaunchOptions, ResourceOptions, sortFlags, takenOver } from "./launch_options.ts";

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

function splitAt(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)!.push(word);
  }
  return parts;
}
