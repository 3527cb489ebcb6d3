/** The tasks of deno.json as the npm package runs them: their permissions stand there alone. */

/** A task: Deno's flags, and the script that they are for. */
export interface PackagedTask {
  flags: string[];
  /** Its JavaScript, from the package's folder. */
  script: string;
}

/** Tasks that are for working on thinkset itself, not with it. */
const OWN = /^(?:test|bench|audit|check|ok|doc|pack|publish)(?::|$)|^write-/;

/**
 * The tasks that a user of the package has, by name: those of the form `deno run FLAGS scripts/X.ts`.
 */
export function packagedTasks(tasks: Record<string, string>): Record<string, PackagedTask> {
  const found: Record<string, PackagedTask> = {};
  for (const [name, command] of Object.entries(tasks)) {
    // Quotes are for the shell; the variables within them are left to the one that runs the task.
    const [deno, run, ...words] = command.replaceAll('"', "").split(" ");
    const script = words.pop();
    if (OWN.test(name) || deno !== "deno" || run !== "run" || !script?.endsWith(".ts")) continue;
    found[name] = { flags: words, script: script.replace(/\.ts$/, ".js") };
  }
  return found;
}
