/** Running a program to its end, its output read. */
import { basename } from "node:path";
import { messageOf, RunError } from "../core/errors.ts";

/**
 * Runs a program and returns what it wrote to standard output.
 *
 * @throws RunError When it cannot be started or fails: its name and the last line of its complaint.
 */
export async function runProgram(
  program: string,
  args: string[],
  options: { env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, { args, stdin: "null", ...options }).output();
  } catch (error) {
    throw new RunError(`${program} could not be started: ${messageOf(error)}`);
  }
  options.signal?.throwIfAborted();
  if (output.success) return new TextDecoder().decode(output.stdout);
  const lines = new TextDecoder().decode(output.stderr).trim().split("\n");
  const complaint = lines.findLast((line) => /^(ERROR|Error)/.test(line)) ?? lines.at(-1);
  const what = [basename(program), ...args.slice(0, 3)].join(" ");
  throw new RunError(`${what} … failed with status ${output.code}: ${complaint || "no message"}`);
}
