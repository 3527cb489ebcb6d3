/** Parameters of a notebook: declared in one cell, assigned in another, as papermill does it. */
import { InputError, messageOf } from "../core/errors.ts";
import type { Notebook } from "./notebook_file.ts";

/** Values by parameter name; any JSON. */
export type Parameters = Record<string, unknown>;

/**
 * Reads `name=json` flags.
 *
 * @throws InputError Naming the flag: no `=`, not an identifier, not JSON.
 */
export function parseParameters(flags: readonly string[]): Parameters {
  const parameters: Parameters = {};
  for (const flag of flags) {
    const [, name, json] = flag.match(/^([A-Za-z_$][\w$]*)=(.*)$/s) ?? [];
    if (name === undefined || json === undefined) {
      throw new InputError(`--set ${flag}: expected name=json, such as n=8 or out='"runs/x"'`);
    }
    try {
      parameters[name] = JSON.parse(json);
    } catch (error) {
      throw new InputError(
        `--set ${flag}: the value is not JSON (a text stands in double quotes): ${
          messageOf(error)
        }`,
      );
    }
  }
  return parameters;
}

/** The names that the cell tagged `parameters` declares with `let`; empty without such a cell. */
export function declaredParameters(notebook: Notebook): string[] {
  const cell = notebook.cells.find((cell) => cell.metadata.tags?.includes("parameters"));
  if (cell === undefined) return [];
  return [...cell.source.matchAll(/^\s*let\s+([A-Za-z_$][\w$]*)/gm)].map((match) => match[1]!);
}

/**
 * A copy of the notebook with a cell tagged `injected-parameters` after the one tagged
 * `parameters`, which assigns the values of the parameters that the notebook declares; the others
 * are left out. An injected cell of an earlier run is replaced.
 */
export function injectParameters(notebook: Notebook, parameters: Parameters): Notebook {
  const declared = declaredParameters(notebook);
  const assignments = Object.entries(parameters).filter(([name]) => declared.includes(name))
    .map(([name, value]) => `${name} = ${JSON.stringify(value)};`);
  if (assignments.length === 0) return notebook;
  const cells = notebook.cells.filter((cell) =>
    !cell.metadata.tags?.includes("injected-parameters")
  );
  const at = cells.findIndex((cell) => cell.metadata.tags?.includes("parameters"));
  cells.splice(at + 1, 0, {
    id: "injected-parameters",
    cell_type: "code",
    metadata: { tags: ["injected-parameters"] },
    source: ["// Parameters", ...assignments].join("\n"),
    outputs: [],
    execution_count: null,
  });
  return { ...notebook, cells };
}
