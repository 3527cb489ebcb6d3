/** Tells when the `deno task` that a command runs under has been killed. */

/** How often is looked, in milliseconds. */
const EVERY_MS = 1_000;

/**
 * Calls `gone` once when this process has lost its parent, where that is a task's runner, which
 * would have waited for it. A command that was started without a task (INIT_CWD tells) is let be:
 * it may have been put into the background, and its shell may end.
 */
export function whenTaskIsGone(gone: () => void): void {
  if (!Deno.env.get("INIT_CWD")) return;
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, EVERY_MS);
  Deno.unrefTimer(timer);
}
