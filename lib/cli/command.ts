/** A script's shell: flags in, exit status out, signals, progress, and no stack trace in between. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError, LimitReached, messageOf } from "../core/errors.ts";
import { forTerminal } from "../core/hidden_characters.ts";
import { TASK_COMMAND } from "../core/packaged.ts";
import type { OptionsSchema } from "../core/options.ts";
import type { Stage, StageFacts } from "../run/define_stage.ts";
import { firstWord } from "./first_word.ts";
import { whenTaskIsGone } from "./parent_watch.ts";
import { flagsHelp, flagsOf, optionsFrom, readFlags } from "./flags.ts";

/** What the command line and the help of a task are made from. */
export interface CommandFacts<S extends OptionsSchema = OptionsSchema> {
  name: string;
  /** What it does, in a line or two. */
  summary: string;
  /** Whole command lines after `deno task `. */
  examples: readonly string[];
  options: S;
  /** True for stages that take `--from MANIFEST`: an earlier run's options under the flags. */
  resumable?: boolean;
  /** True for stages that leave something in a folder, which takes a while. */
  leavesFiles?: boolean;
  /** Name of positional arguments for the usage line (`NOTEBOOK...`); none are taken without. */
  positionals?: string;
  /** What stands after `--`, for the usage line; nothing is taken without. */
  rest?: string;
}

/** A command, as `deno task NAME` runs it. */
export interface Command<S extends OptionsSchema> extends CommandFacts<S> {
  /** Runs it; a returned number is the exit status, else 0. */
  run: (
    options: z.output<S>,
    context: StageContext,
    args: { positionals: string[]; rest: string[] },
  ) => Promise<unknown>;
}

/** What a command line of a task says. */
interface Given<S extends OptionsSchema> {
  options: z.output<S>;
  progress: StageContext["progress"];
  positionals: string[];
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a stage with `Deno.args` as {@link runCommand} does. `run` takes its place where a command
 * line does more than the stage, such as printing what it came to.
 */
export async function runStageCommand<I, M, R>(
  stage: Stage<I, M, R>,
  run: (options: I, context: StageContext) => Promise<unknown> = async (options, context) => {
    await stage(options, { context });
  },
): Promise<never> {
  // The stage's own schema has read them.
  return await runCommand({
    ...commandOf(stage),
    run: (options, context) => run(options as I, context),
  });
}

/** A stage's command line. A stage that leaves records takes `--from`. */
export function commandOf<S extends OptionsSchema>(stage: StageFacts<S>): CommandFacts<S> {
  const { name, summary, examples, options, leaves } = stage;
  const about = { name, summary, examples, options };
  return { ...about, resumable: "record" in leaves, leavesFiles: leaves.kind !== "nothing" };
}

/**
 * Runs a command with `Deno.args` and ends the process: 0 done, 1 failed, 2 bad options or input
 * in one line, 3 stopped by a limit of the user's, 130 or 143 after SIGINT or SIGTERM (a second
 * one ends at once), 143 too where the `deno task` that it runs under has been killed.
 */
export async function runCommand<S extends OptionsSchema>(command: Command<S>): Promise<never> {
  const stop = new AbortController();
  let signalled = 0;
  const stopFor = (name: string, code: number) => {
    if (signalled) Deno.exit(code);
    signalled = code;
    console.error(`\n${command.name}: ${name}: saving what is in flight (again to end at once)`);
    stop.abort(new DOMException(name, "AbortError"));
  };
  for (const [name, code] of Object.entries(SIGNALS)) {
    Deno.addSignalListener(name as Deno.Signal, () => stopFor(name, code));
  }
  whenTaskIsGone(() => stopFor("deno task was killed", SIGNALS.SIGTERM));
  const status = await commandStatus(command, Deno.args, stop.signal);
  Deno.exit(signalled || status);
}

/** Runs a command and gives its exit status; prints what went wrong, unless it was stopped. */
export async function commandStatus<S extends OptionsSchema>(
  command: Command<S>,
  args: string[],
  signal: AbortSignal,
): Promise<number> {
  try {
    standWhereTheUserStands();
    const returned = await run(command, args, signal);
    return typeof returned === "number" ? returned : 0;
  } catch (error) {
    if (!signal.aborted) console.error(forTerminal(`${command.name}: ${messageOf(error)}`));
    if (!signal.aborted && Deno.env.get("THINKSET_DEBUG")) console.error(error);
    return error instanceof InputError ? 2 : error instanceof LimitReached ? 3 : 1;
  }
}

/** The help text of a command. */
export function helpOf<S extends OptionsSchema>(command: CommandFacts<S>): string {
  const usage = [TASK_COMMAND, command.name, command.positionals ?? "", "[flags]"];
  if (command.rest) usage.push("--", command.rest);
  const shared: [string, string][] = [
    ["--progress auto|plain|none", "how progress is shown (default auto)"],
    ["--help", "this text"],
  ];
  if (command.resumable) {
    shared.unshift([
      "--from MANIFEST",
      "take every option from an earlier run; flags beside it win",
    ]);
  }
  return [
    `${command.name}: ${command.summary}`,
    `Usage: ${usage.filter(Boolean).join(" ")}`,
    `Flags:\n${flagsHelp(command.options, shared)}`,
    `Examples:\n${command.examples.map((line) => `  ${TASK_COMMAND} ${line}`).join("\n")}`,
  ].join("\n\n");
}

const Progress = z.object({
  progress: z.enum(["auto", "plain", "none"]).default("auto"),
});
const From = z.object({
  from: z.string().optional().meta({ metavar: "MANIFEST" }),
});

/**
 * Reads what stands on a task's command line.
 *
 * @throws {InputError} in one line that names the flag and the rule.
 */
export async function readCommandLine<S extends OptionsSchema>(
  command: CommandFacts<S>,
  args: readonly string[],
): Promise<Given<S>> {
  const own = flagsOf(command.options);
  const shared = [...flagsOf(Progress), ...(command.resumable ? flagsOf(From) : [])];
  const { given, positionals } = readFlags([...own, ...shared], args);
  if (positionals.length > 0 && !command.positionals) {
    throw new InputError(`${positionals[0]}: not a flag (see --help)`);
  }
  const { progress, from, ...options } = given;
  return {
    options: optionsFrom(command.options, {
      ...(from === undefined ? {} : await optionsOf(String(from), command.name)),
      ...options,
    }),
    progress: optionsFrom(Progress, { progress }).progress,
    positionals,
  };
}

async function run<S extends OptionsSchema>(
  command: Command<S>,
  args: string[],
  signal: AbortSignal,
): Promise<unknown> {
  const split = args.indexOf("--");
  const own = split < 0 ? args : args.slice(0, split);
  const rest = split < 0 ? [] : args.slice(split + 1);
  if (own.includes("--help") || own.includes("-h")) {
    console.log(helpOf(command));
    return 0;
  }
  if (rest.length > 0 && !command.rest) {
    throw new InputError(`nothing is taken after --: ${rest.join(" ")}`);
  }
  const { options, progress, positionals } = await readCommandLine(command, own);
  const outside = defaultContext({ signal, progress });
  const { context, end } = command.leavesFiles
    ? firstWord(command.name, outside)
    : { context: outside, end: () => {} };
  try {
    return await command.run(options, context, { positionals, rest });
  } finally {
    end();
  }
}

/** A task runs in the folder of its deno.json; its user's relative paths start elsewhere. */
function standWhereTheUserStands(): void {
  const stood = Deno.env.get("INIT_CWD");
  const home = fileURLToPath(new URL("../..", import.meta.url));
  if (stood && `${Deno.cwd()}/` === home && stood !== Deno.cwd()) Deno.chdir(stood);
}

async function optionsOf(path: string, stage: string): Promise<Record<string, unknown>> {
  // Loaded when it is asked for, so that a command that takes no --from starts sooner.
  const { readManifest } = await import("../io/records/manifest_file.ts");
  const manifest = readManifest(path.endsWith(".json") ? path : `${path}/manifest.json`);
  if (!manifest) throw new InputError(`--from ${path}: no manifest there`);
  if (manifest.stage !== stage) {
    throw new InputError(`--from ${path}: made by ${manifest.stage}, not by ${stage}`);
  }
  return manifest.options;
}
