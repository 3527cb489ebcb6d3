/** Ending kernels whose server is gone. */
import { messageOf, RunError } from "../core/errors.ts";
import type { NotebookEnvironment } from "./environment.ts";
import { runProgram } from "./run_program.ts";

/** Kernels are told by the connection file on their command line. */
const SCRIPT = `
import os, psutil, sys
prefix = os.path.join(sys.argv[1], "kernel-")
for process in psutil.process_iter(["cmdline"]):
    if any(word.startswith(prefix) for word in process.info["cmdline"] or []):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
`;

/**
 * Ends every kernel that a server with this runtime folder of its own started and left behind.
 *
 * @throws RunError When the processes could not be looked through.
 */
export async function endKernels(
  environment: NotebookEnvironment,
  runtimeDir: string,
): Promise<void> {
  try {
    await runProgram(environment.python, ["-c", SCRIPT, runtimeDir]);
  } catch (error) {
    throw new RunError(`kernels of ${runtimeDir} may be left running: ${messageOf(error)}`);
  }
}
