/** A script's shell: flags in, exit status out, signals, progress, and no stack trace in between. */
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError, LimitReached, messageOf } from "../core/errors.ts";
import { flagsHelp, type OptionsSchema, parseFlags } from "./flags.ts";

/** A command, as `deno task NAME` runs it. */
export interface Command<S extends OptionsSchema> {
  name: string;
  /** What it does, in a line or two. */
  summary: string;
  /** Whole command lines after `deno task `. */
  examples: string[];
  options: S;
  /** True for stages that take `--from MANIFEST`: an earlier run's options under the flags. */
  resumable?: boolean;
  /** Name of positional arguments for the usage line (`NOTEBOOK...`); none are taken without. */
  positionals?: string;
  /** What stands after `--`, for the usage line; nothing is taken without. */
  rest?: string;
  /** Runs it; a returned number is the exit status, else 0. */
  run: (
    options: z.output<S>,
    context: StageContext,
    args: { positionals: string[]; rest: string[] },
  ) => Promise<unknown>;
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a command with `Deno.args` and ends the process: 0 done, 1 failed, 2 bad options or input
 * in one line, 3 stopped by a limit of the user's, 130 or 143 after SIGINT or SIGTERM (a second
 * one ends at once).
 */
export async function runCommand<S extends OptionsSchema>(command: Command<S>): Promise<never> {
  const stop = new AbortController();
  let status = 0, signalled = 0;
  for (const [name, code] of Object.entries(SIGNALS)) {
    Deno.addSignalListener(name as Deno.Signal, () => {
      if (signalled) Deno.exit(code);
      signalled = code;
      console.error(`\n${command.name}: ${name}: saving what is in flight (again to end at once)`);
      stop.abort(new DOMException(name, "AbortError"));
    });
  }
  try {
    const returned = await run(command, Deno.args, stop.signal);
    if (typeof returned === "number") status = returned;
  } catch (error) {
    status = error instanceof InputError ? 2 : error instanceof LimitReached ? 3 : 1;
    if (!signalled) console.error(`${command.name}: ${messageOf(error)}`);
    if (!signalled && Deno.env.get("THINKSET_DEBUG")) console.error(error);
  }
  Deno.exit(signalled || status);
}

/** The help text of a command. */
export function helpOf<S extends OptionsSchema>(command: Command<S>): string {
  const usage = ["deno task", command.name, command.positionals ?? "", "[flags]"];
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
    `Examples:\n${command.examples.map((line) => `  deno task ${line}`).join("\n")}`,
  ].join("\n\n");
}

const Shared = z.object({
  progress: z.enum(["auto", "plain", "none"]).default("auto"),
  from: z.string().optional(),
});

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
  const { flags, shared, positionals } = sorted(own, command);
  const { progress, from } = parseFlags(Shared, shared);
  if (from !== undefined && !command.resumable) throw new InputError("--from is not for this task");
  const options = parseFlags(
    command.options,
    flags,
    from === undefined ? {} : await optionsOf(from),
  );
  return await command.run(options, defaultContext({ signal, progress }), { positionals, rest });
}

/** Takes the shared flags and the positional arguments out of the stage's own flags. */
function sorted<S extends OptionsSchema>(args: string[], command: Command<S>) {
  const flags: string[] = [], shared: string[] = [], positionals: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!arg.startsWith("-")) {
      // Where none is taken it may be the value of an unknown flag: the flags' parser knows.
      (command.positionals ? positionals : flags).push(arg);
      continue;
    }
    const into = /^--(progress|from)(=|$)/.test(arg) ? shared : flags;
    into.push(arg);
    if (!arg.includes("=") && takesValue(arg, command) && at + 1 < args.length) {
      into.push(args[++at]!);
    }
  }
  return { flags, shared, positionals };
}

function takesValue<S extends OptionsSchema>(arg: string, command: Command<S>): boolean {
  if (arg === "--progress" || arg === "--from") return true;
  const name = arg.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  let field = command.options.shape[name] as z.ZodType | undefined;
  while (field instanceof z.ZodDefault || field instanceof z.ZodOptional) {
    field = field.unwrap() as z.ZodType;
  }
  return field !== undefined && !(field instanceof z.ZodBoolean);
}

async function optionsOf(path: string): Promise<Record<string, unknown>> {
  // Loaded when it is asked for, so that a command that takes no --from starts sooner.
  const { readManifest } = await import("../run/run_files.ts");
  const manifest = readManifest(path.endsWith(".json") ? path : `${path}/manifest.json`);
  if (!manifest) throw new InputError(`--from ${path}: no manifest there`);
  return manifest.options;
}
