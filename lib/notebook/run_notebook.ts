/** One notebook from its file to the executed notebook and its log. */
import { FRAME_MIME, frameText } from "./frame_text.ts";
import { basename, join, relative, resolve } from "node:path";
import { messageOf } from "../core/errors.ts";
import { writeWhole } from "../io/disk/write_whole.ts";
import { KERNEL_NAME } from "./environment.ts";
import { Kernel } from "./kernel.ts";
import { type Cell, formatNotebook, type Notebook, type Output } from "./notebook_file.ts";
import { type CellLimits, runCells } from "./run_cells.ts";
import type { JupyterServer } from "./server.ts";

/** A notebook to run, and where its files go. */
export interface NotebookJob {
  /** The notebook's path, in whose folder the kernel works. */
  path: string;
  /** Its content, parameters injected. */
  notebook: Notebook;
  /** The folder of the executed notebook and the log. */
  out: string;
  /** The file name without its ending. */
  name: string;
  /** The kernel; else the notebook's own, else Deno. */
  kernel?: string;
}

/** How a run ended. */
export interface NotebookResult {
  /** The executed notebook, with all outputs up to where it ended. */
  executed: string;
  log: string;
  /** Code cells that were run. */
  cells: number;
  seconds: number;
  /** One line naming the cell and its error, or undefined when all cells ran. */
  failure: string | undefined;
}

/**
 * Runs a notebook and saves `NAME.ipynb` and `NAME.log`, also when it fails. The kernel is ended
 * in every case.
 */
export async function runNotebook(
  server: JupyterServer,
  job: NotebookJob,
  limits: CellLimits,
): Promise<NotebookResult> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const notebook = structuredClone(job.notebook);
  for (const cell of notebook.cells) {
    if (cell.cell_type === "code") [cell.outputs, cell.execution_count] = [[], null];
  }
  const name = job.kernel ?? notebook.metadata.kernelspec?.name ?? KERNEL_NAME;
  const path = pathOnServer(server, job.path);
  const lines = [`${job.path} on kernel ${name}`];
  let failure: string | undefined;
  let cells = 0;
  let kernel: Kernel | undefined;
  try {
    kernel = await Kernel.start(server, name, path);
    const info = await kernel.info();
    notebook.metadata.language_info = info.language_info;
    lines.push(`${info.implementation} ${info.implementation_version}`);
    const failed = await runCells(kernel, notebook, {
      ...limits,
      startedAt: started,
      onCell: (cell, index, ms) => {
        cells++;
        lines.push("", `--- cell ${index} (${(ms / 1000).toFixed(2)} s)`, ...outputLines(cell));
      },
    });
    if (failed) failure = `cell ${failed.index}: ${failed.reason}`;
  } catch (error) {
    failure = messageOf(error);
  }
  await kernel?.close();
  lines.push("", failure ?? `all ${cells} code cells ran in ${seconds().toFixed(1)} s`);
  const executed = join(job.out, `${job.name}.ipynb`);
  const log = join(job.out, `${job.name}.log`);
  writeWhole(executed, formatNotebook(notebook));
  writeWhole(log, lines.join("\n") + "\n");
  return { executed, log, cells, seconds: seconds(), failure };
}

/** A notebook outside of what the server serves runs in the server's own folder. */
function pathOnServer(server: JupyterServer, path: string): string {
  const within = relative(server.root, resolve(path)).replaceAll("\\", "/");
  return within.startsWith("..") ? basename(path) : within;
}

/** What a cell put out, as plain text; bundles that have no text are named by their types. */
function outputLines(cell: Cell): string[] {
  return (cell.outputs ?? []).flatMap((output) => plainText(output).trimEnd().split("\n"));
}

function plainText(output: Output): string {
  if (output.output_type === "stream") return output.text;
  if (output.output_type === "error") {
    const traceback = output.traceback.join("\n");
    return traceback.includes(output.evalue) ? traceback : `${output.ename}: ${output.evalue}`;
  }
  const plain = output.data["text/plain"];
  if (typeof plain === "string") return plain;
  const frame = frameText(output.data[FRAME_MIME]);
  if (frame !== undefined) return frame;
  return `[${Object.keys(output.data).join(", ") || "nothing"}]`;
}
