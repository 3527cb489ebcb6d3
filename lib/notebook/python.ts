/** The Python that JupyterLab is installed with. */
import { RunError } from "../core/errors.ts";
import { runProgram } from "./run_program.ts";

/** JupyterLab 4.6's own lower bound. */
const OLDEST = [3, 10] as const;

/**
 * The first of `python3`, `python` (or the one given) that runs and is new enough.
 *
 * @throws RunError In one line, when there is none.
 */
export async function findPython(given?: string): Promise<string> {
  const oldest = OLDEST.join(".");
  let tooOld: string | undefined;
  for (const name of given === undefined ? ["python3", "python"] : [given]) {
    const version = await runProgram(name, ["-c", "import sys; print(*sys.version_info[:2])"])
      .catch(() => undefined);
    const [major, minor] = version?.trim().split(" ").map(Number) ?? [];
    if (major === undefined || minor === undefined) continue;
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return name;
    tooOld = `${name} is ${major}.${minor}`;
  }
  throw new RunError(
    tooOld === undefined
      ? `Notebooks need Python ${oldest} or later, and ${given ?? "python3"} was not found: ` +
        "install it (Debian: apt-get install python3-venv) and run this again."
      : `Notebooks need Python ${oldest} or later, and ${tooOld}.`,
  );
}
