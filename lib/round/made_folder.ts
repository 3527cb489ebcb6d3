/** A folder that a command makes: whole or not at all, and again only where what it is made of changed. */
import { basename, join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { canonicalJson, type Json, sha256 } from "../core/canonical.ts";
import { RunError } from "../core/errors.ts";

const MARK = ".made-of.json";

/**
 * Runs a command that fills `{out}`, unless the folder is there and made of the same. `finish` adds
 * to the new folder before it is put in place. Tells whether it was made now.
 *
 * @throws {RunError} where the command fails or leaves nothing.
 */
export async function makeByCommand(
  folder: string,
  { commandFor, madeOf, finish }: {
    commandFor: (out: string) => string[];
    madeOf: Record<string, Json>;
    finish?: (folder: string) => Promise<void>;
  },
  { log, signal }: StageContext,
): Promise<boolean> {
  const stamp = sha256(canonicalJson({ ...madeOf, command: commandFor("{out}") }));
  if (await Deno.readTextFile(join(folder, MARK)).catch(() => "") === stamp) return false;
  const making = `${folder}.making`;
  await Deno.remove(making, { recursive: true }).catch(() => {});
  await Deno.mkdir(making, { recursive: true });
  const [program, ...args] = commandFor(making) as [string, ...string[]];
  log(`running ${[program, ...args].join(" ")}`);
  await runCommandLine(program, args, signal);
  if ([...Deno.readDirSync(making)].length === 0) {
    throw new RunError(`${program} ended well and left nothing in ${making}`);
  }
  await finish?.(making);
  await Deno.writeTextFile(join(making, MARK), stamp);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.rename(making, folder);
  return true;
}

async function runCommandLine(program: string, args: string[], signal: AbortSignal): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "null", signal }).spawn();
  } catch (error) {
    throw new RunError(`${program} could not be started: ${(error as Error).message}`);
  }
  const { code } = await child.status;
  signal.throwIfAborted();
  if (code !== 0) throw new RunError(`${basename(program)} failed with status ${code}`);
}
