/** `notebook`: JupyterLab with the Deno kernel, from nothing. */
import { join, resolve } from "node:path";
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError, RunError } from "../core/errors.ts";
import { isFolder } from "../core/file_kind.ts";
import { parseOptions } from "../core/options.ts";
import { ensureNotebookEnvironment } from "./environment.ts";

/** Options of `notebook`. */
export const NotebookOptions = z.object({
  port: z.number().int().min(0).max(65535).default(8888).describe(
    "port on this machine; another is taken when it is in use",
  ),
  browser: z.boolean().default(true).describe("open a browser; --no-browser prints the link alone"),
});
export type NotebookOptions = z.infer<typeof NotebookOptions>;

/**
 * Opens a folder in JupyterLab, at its `notebooks` where it has them, and returns when it ends, or
 * when the signal is aborted.
 *
 * @throws {InputError} where there is no such folder.
 */
export async function openLab(
  options: z.input<typeof NotebookOptions> = {},
  overrides: Partial<StageContext> = {},
  dir = ".",
): Promise<void> {
  if (!isFolder(dir)) throw new InputError(`${dir}: no such folder`);
  const context = defaultContext(overrides);
  const { port, browser } = parseOptions(NotebookOptions, options);
  const { signal, log } = context;
  const environment = await ensureNotebookEnvironment({ log, signal });
  const child = new Deno.Command(environment.python, {
    args: [
      ...["-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", `--ServerApp.port=${port}`],
      ...[`--ServerApp.root_dir=${resolve(dir)}`],
      ...(isFolder(join(dir, "notebooks")) ? ["--LabApp.default_url=/lab/tree/notebooks"] : []),
      ...["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
      ...["--LabApp.news_url=None", "--allow-root"],
      ...(browser ? [] : ["--no-browser"]),
    ],
    env: { JUPYTER_PREFER_ENV_PATH: "1" },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const end = () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It ended by itself: Control-C reaches it too.
    }
  };
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const status = await child.status;
  signal.removeEventListener("abort", end);
  if (!status.success && !signal.aborted) {
    throw new RunError(`JupyterLab ended with status ${status.code}; its own lines say why`);
  }
}
