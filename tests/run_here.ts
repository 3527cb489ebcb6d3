/** Runs stages' command lines in this process: a tenth of the time of a process of their own. */
import { commandOf, commandStatus } from "../lib/cli/command.ts";
import { isStage, type Stage } from "../lib/run/define_stage.ts";
import * as listed from "../lib/stage_list.ts";
import * as stages from "../lib/stages.ts";
import { type Ended, withoutFirstWord } from "./cli.ts";

/** Runs a stage's command line in this process, with all that its own process would do but to start and end. */
export async function runHere(task: string, args: string[]): Promise<Ended> {
  const stage = Object.values<unknown>({ ...listed, ...stages }).filter(isStage)
    .find(({ name }) => name === task) as Stage<unknown, unknown, unknown>;
  const said = { log: "", error: "" };
  const console = { log: globalThis.console.log, error: globalThis.console.error };
  for (const name of ["log", "error"] as const) {
    globalThis.console[name] = (...words) => said[name] += `${words.join(" ")}\n`;
  }
  try {
    const code = await commandStatus(
      { ...commandOf(stage), run: (options, context) => stage(options, { context }) },
      args,
      new AbortController().signal,
    );
    return { code, signal: null, stdout: said.log, stderr: withoutFirstWord(said.error) };
  } finally {
    Object.assign(globalThis.console, console);
  }
}
