/** Running a notebook's cells on a kernel, one after the other, within limits. */
import { messageOf, RunError } from "../core/errors.ts";
import { withTimeLimit } from "../run/time_limit.ts";
import { errorOutput } from "./outputs.ts";
import type { Execution, Kernel } from "./kernel.ts";
import type { Cell, Notebook } from "./notebook_file.ts";

/** Limits and surroundings of a run. */
export interface CellLimits {
  /** One cell's time at most, in milliseconds. */
  cellMs: number;
  /** The whole notebook's time at most, in milliseconds. */
  runMs: number;
  /** When the run began, by `performance.now()`; when this is called by default. */
  startedAt?: number;
  /** Ends the run. */
  signal?: AbortSignal;
  /** Told of each code cell that was run, and of its time in milliseconds. */
  onCell?: (cell: Cell, index: number, ms: number) => void;
}

/** How long the kernel may take to obey an interrupt, in milliseconds. */
const GRACE_MS = 2000;
/** How long the kernel's outputs must be silent after a cell, in milliseconds. */
const QUIET_MS = 20;

/** Why a notebook did not run to its end. */
export interface CellFailure {
  /** 0-based place among all cells of the notebook. */
  index: number;
  /** One line, without the cell. */
  reason: string;
}

/**
 * Runs the code cells in order; outputs and counts are written into the cells. It stops at the
 * first cell that fails, runs too long, or loses its kernel, and returns which and why.
 */
export async function runCells(
  kernel: Kernel,
  notebook: Notebook,
  limits: CellLimits,
): Promise<CellFailure | undefined> {
  const runEnds = (limits.startedAt ?? performance.now()) + limits.runMs;
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== "code" || cell.source.trim() === "") continue;
    const started = performance.now();
    const reason = await runCell(kernel, cell, runEnds, limits);
    limits.onCell?.(cell, index, performance.now() - started);
    if (reason !== undefined) return { index, reason };
  }
  // Outputs go to their cells until the end, so a last wait catches those that came very late.
  await kernel.settle(QUIET_MS);
}

/** Runs one cell; returns why it failed. */
async function runCell(
  kernel: Kernel,
  cell: Cell,
  runEnds: number,
  limits: CellLimits,
): Promise<string | undefined> {
  const execution = kernel.execute(cell.source);
  cell.outputs = execution.outputs;
  try {
    const reply = await withinLimits(kernel, execution, runEnds, limits);
    await kernel.settle(QUIET_MS);
    cell.execution_count = reply.execution_count;
    if (reply.status === "ok") return;
    // Some kernels reply with an error that they never display (a cell that does not parse).
    const shown = execution.outputs.find((output) => output.output_type === "error");
    const error = shown ?? errorOutput({ ename: "Error", evalue: "no message", ...reply });
    if (shown === undefined) execution.outputs.push(error);
    return errorLine(error.ename, error.evalue);
  } catch (error) {
    const reason = messageOf(error);
    execution.outputs.push(
      errorOutput({ ename: "NotebookError", evalue: reason, traceback: [reason] }),
    );
    return reason;
  }
}

/** An error on one line; a cell that does not parse has its whole message as the error's name. */
function errorLine(name: string, value: string): string {
  const [first = ""] = name.split("\n");
  const [line = ""] = value.split("\n");
  return line.startsWith(first) || line === "" ? line || first : `${first}: ${line}`;
}

/** The reply, or a `RunError` that says which limit was reached; the cell is interrupted first. */
async function withinLimits(
  kernel: Kernel,
  execution: Execution,
  runEnds: number,
  limits: CellLimits,
): ReturnType<() => Execution["reply"]> {
  const left = runEnds - performance.now();
  const [ms, what] = left < limits.cellMs
    ? [left, `the run's limit of ${limits.runMs / 1000} s was reached`]
    : [limits.cellMs, `the cell did not end within ${limits.cellMs / 1000} s`];
  const late = () => new RunError(what);
  try {
    return await withTimeLimit(Math.max(0, ms), limits.signal, () => execution.reply, late);
  } catch (error) {
    if (!kernel.lost.aborted) await interrupt(kernel, execution);
    throw error;
  }
}

/** Asks the cell to end, so that what it printed so far is kept; a pending await never obeys. */
async function interrupt(kernel: Kernel, execution: Execution): Promise<void> {
  const obeyed = () => kernel.interrupt().then(() => execution.reply);
  await withTimeLimit(GRACE_MS, undefined, obeyed).catch(() => {});
}
