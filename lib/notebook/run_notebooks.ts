/** `run-notebook`: notebooks executed headlessly, some at a time, on one Jupyter server. */
import { basename, resolve } from "node:path";
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError, RunError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";
import { someAtOnce } from "../core/some_at_once.ts";
import { commonFolder } from "./common_folder.ts";
import { ensureNotebookEnvironment } from "./environment.ts";
import { type Notebook, readNotebook } from "./notebook_file.ts";
import { declaredParameters, injectParameters, parseParameters } from "./parameters.ts";
import { quietConsole } from "./quiet_console.ts";
import { type NotebookJob, type NotebookResult, runNotebook } from "./run_notebook.ts";
import { givenServer, type JupyterServer, startServer } from "./server.ts";

/** Options of `run-notebook`; the notebooks themselves are its positional arguments. */
export const RunNotebookOptions = z.object({
  out: z.string().default("runs/notebooks").describe("folder of executed notebooks and logs"),
  set: z.array(z.string()).meta({ metavar: "NAME=JSON" }).default([]).describe(
    "a parameter, assigned after the cell tagged `parameters`",
  ),
  cellTimeout: z.number().positive().default(600).describe("seconds that a cell may take"),
  timeout: z.number().positive().default(3600).describe("seconds that a notebook may take"),
  jobs: z.number().int().positive().default(1).describe("notebooks at a time"),
  kernel: z.string().optional().describe("kernel to use instead of the notebook's own"),
  server: z.string().meta({ metavar: "URL" }).optional().describe(
    "a running Jupyter server that serves the current folder; its token in JUPYTER_TOKEN",
  ),
});
export type RunNotebookOptions = z.infer<typeof RunNotebookOptions>;

/**
 * Runs notebooks and saves each, executed, in `out` beside a plain log. A server is started (and
 * its environment made) unless one is given; everything that was started is ended.
 *
 * @returns How each notebook ended, in the order given; all ran to their end.
 * @throws InputError For notebooks or parameters that cannot be used; nothing is run then.
 * @throws RunError When a notebook failed, in one line for the first; the others are logged.
 */
export async function runNotebooks(
  notebooks: readonly string[],
  options: z.input<typeof RunNotebookOptions> = {},
  overrides: Partial<StageContext> = {},
): Promise<NotebookResult[]> {
  const context = defaultContext(overrides);
  const parsed = parseOptions(RunNotebookOptions, options);
  const jobs = await prepareJobs(notebooks, parsed);
  await Deno.mkdir(parsed.out, { recursive: true });
  using _quiet = quietConsole();
  const server = await openServer(parsed, commonFolder(notebooks), context);
  try {
    const results = await runAll(jobs, parsed, server, context);
    context.signal.throwIfAborted();
    const failed = results.filter((result) => result.failure !== undefined);
    if (failed.length === 0) return results;
    throw new RunError(
      `${failed.length} of ${results.length} notebook(s) failed; see ${failed[0]!.log}`,
    );
  } finally {
    await server.close();
  }
}

async function prepareJobs(
  paths: readonly string[],
  options: RunNotebookOptions,
): Promise<NotebookJob[]> {
  if (paths.length === 0) throw new InputError("no notebook was named (see --help)");
  const parameters = parseParameters(options.set);
  const notebooks = await Promise.all(paths.map(readNotebook));
  checkDeclared(Object.keys(parameters), paths, notebooks);
  const names = new Map<string, string>();
  return notebooks.map((notebook, index) => {
    const path = paths[index]!;
    const name = basename(path).replace(/\.ipynb$/, "");
    const other = names.get(name);
    if (other !== undefined) {
      throw new InputError(`${path}: ${other} has the same name, so one would overwrite the other`);
    }
    if (resolve(options.out, `${name}.ipynb`) === resolve(path)) {
      throw new InputError(`${path}: --out ${options.out} would overwrite the notebook itself`);
    }
    names.set(name, path);
    const injected = injectParameters(notebook, parameters);
    return { path, notebook: injected, out: options.out, name, kernel: options.kernel };
  });
}

/** A parameter that no notebook declares is a typing error; one that some declare is theirs. */
function checkDeclared(
  names: readonly string[],
  paths: readonly string[],
  notebooks: readonly Notebook[],
): void {
  const declared = new Set(notebooks.flatMap(declaredParameters));
  for (const name of names) {
    if (declared.has(name)) continue;
    const known = [...declared].join(", ") || "none";
    throw new InputError(
      `--set ${name}: not declared with \`let\` in a cell tagged parameters of ${
        paths.join(", ")
      } (declared: ${known})`,
    );
  }
}

async function openServer(
  options: RunNotebookOptions,
  root: string,
  context: StageContext,
): Promise<JupyterServer> {
  if (options.server !== undefined) {
    return await givenServer(options.server, context.env("JUPYTER_TOKEN") ?? "");
  }
  const { signal, log } = context;
  return await startServer(await ensureNotebookEnvironment({ log, signal }), { root, signal });
}

async function runAll(
  jobs: readonly NotebookJob[],
  options: RunNotebookOptions,
  server: JupyterServer,
  context: StageContext,
): Promise<NotebookResult[]> {
  const results: NotebookResult[] = [];
  const limits = {
    cellMs: options.cellTimeout * 1000,
    runMs: options.timeout * 1000,
    signal: context.signal,
  };
  await someAtOnce(jobs.entries(), options.jobs, async ([index, job]) => {
    if (context.signal.aborted) return;
    const result = results[index] = await runNotebook(server, job, limits);
    context.log(resultLine(job, result));
  });
  return results;
}

function resultLine(job: NotebookJob, { failure, cells, seconds, executed }: NotebookResult) {
  return failure === undefined
    ? `${job.path}: ${cells} cells in ${seconds.toFixed(1)} s: ${executed}`
    : `${job.path}: ${failure}`;
}
