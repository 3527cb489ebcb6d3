/** What becomes of what was found: rows for whoever looks into it, and the refusal. */
import { basename, dirname, join } from "node:path";
import { RunError } from "../../core/errors.ts";
import type { FileEntry } from "../../core/manifest.ts";
import { JsonLinesFile } from "../../io/disk/json_lines_file.ts";
import type { Finding } from "./finding.ts";
import type { GateName } from "./gate_options.ts";

/** The rows in which something was found, in the dataset's folder. */
const GATE_ROWS = "gate.jsonl";

/** What is found in single rows, all of which are named: without them the rest may pass. */
const ROW_BY_ROW: readonly GateName[] = ["form", "near", "copied", "duplicates"];

/** The first ids of a finding that are told in a line. */
const SHOWN = 3;

/** What a dataset tells of what was found. */
export interface GateReport {
  files: FileEntry[];
  /** What stands out, a line each. */
  notes: string[];
  /** For the manifest. */
  facts: { gate: Record<string, number>; stands_out?: string[] };
}

/**
 * What is told of findings; the rows of those that stand out are written into the dataset, without a
 * file where there are none.
 *
 * @throws {RunError} where a finding is above its limit: its rows are then in OUT.gate.jsonl.
 */
export function heldToLimits(
  findings: readonly Finding[],
  limits: Partial<Record<GateName, number>>,
  { root, out }: { root: string; out: string },
): GateReport {
  const over = findings.filter(({ gate, value }) => value > (limits[gate] ?? Infinity));
  if (over.length > 0) {
    const beside = join(dirname(out), `${basename(out)}.${GATE_ROWS}`);
    removeFile(beside);
    writeRows(beside, over);
    const said = over.map((finding) =>
      `--gate ${finding.gate}=${limits[finding.gate]}: ${findingLine(finding)}`
    );
    const isWayOut = over.every(({ gate }) => ROW_BY_ROW.includes(gate));
    const rows = `the rows are in ${beside}${isWayOut ? ", which --exclude-ids takes" : ""}`;
    throw new RunError(`${said.join("; ")}: nothing was built; ${rows}`);
  }
  const gate = Object.fromEntries(findings.map(({ gate, value }) => [gate, value]));
  const shown = findings.filter(({ standsOut }) => standsOut), notes = shown.map(findingLine);
  if (shown.length === 0) return { files: [], notes, facts: { gate } };
  const files = [writeRows(join(root, GATE_ROWS), shown)];
  return { files, notes, facts: { gate, stands_out: notes } };
}

/** A finding as a line: its words, and the first of its rows. */
function findingLine({ words, rows }: Finding): string {
  if (rows.length === 0) return words;
  const ids = rows.slice(0, SHOWN).map(({ id }) => id).join(", ");
  return `${words} (${ids}${rows.length > SHOWN ? ", …" : ""})`;
}

function writeRows(path: string, findings: readonly Finding[]): FileEntry {
  const file = new JsonLinesFile(path);
  for (const { rows } of findings) for (const row of rows) file.add(row);
  return file.close(GATE_ROWS);
}

/** An earlier build's. */
function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
