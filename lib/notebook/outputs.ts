/** From a kernel's messages to the outputs of cells, by the rules that JupyterLab follows. */
import type { Output } from "./notebook_file.ts";

/** A message of the iopub channel, as far as outputs need it. */
export interface OutputMessage {
  type: string;
  /** The request that it answers. */
  parent: string;
  content: Record<string, unknown>;
}

interface CellOutputs {
  outputs: Output[];
  /** `clear_output(wait=true)` came: the next output replaces the earlier ones. */
  clearNext: boolean;
}

/**
 * Collects the outputs of all cells of a run. Messages are sorted by the request they answer, so
 * one that comes after its cell has ended still lands in its cell.
 */
export class OutputCollector {
  readonly #cells = new Map<string, CellOutputs>();
  readonly #displays = new Map<string, Bundle[]>();

  /** The list that the outputs of a request go to, kept up to date as messages come. */
  open(request: string): Output[] {
    const outputs: Output[] = [];
    this.#cells.set(request, { outputs, clearNext: false });
    return outputs;
  }

  /** Takes a message; true when it belongs to a request that was opened. */
  take({ type, parent, content }: OutputMessage): boolean {
    const cell = this.#cells.get(parent);
    if (cell === undefined) return false;
    switch (type) {
      case "stream":
        addStream(cell, String(content["name"]), String(content["text"]));
        break;
      case "display_data":
      case "execute_result":
        this.#addBundle(cell, type, content);
        break;
      case "update_display_data":
        for (const bundle of this.#displays.get(displayId(content) ?? "") ?? []) {
          Object.assign(bundle, dataOf(content));
        }
        break;
      case "clear_output":
        if (content["wait"]) cell.clearNext = true;
        else cell.outputs.length = 0;
        break;
      case "error":
        add(cell, errorOutput(content));
        break;
    }
    return true;
  }

  #addBundle(cell: CellOutputs, type: Bundle["output_type"], content: OutputMessage["content"]) {
    const count = content["execution_count"];
    const bundle: Bundle = {
      output_type: type,
      ...dataOf(content),
      ...(type === "execute_result" && typeof count === "number" ? { execution_count: count } : {}),
    };
    add(cell, bundle);
    const id = displayId(content);
    if (id !== undefined) this.#displays.set(id, [...this.#displays.get(id) ?? [], bundle]);
  }
}

type Bundle = Extract<Output, { output_type: "display_data" | "execute_result" }>;

/** An error as a cell shows it, from a message or a reply of the kernel. */
export function errorOutput(content: Record<string, unknown>): Output & { output_type: "error" } {
  const traceback = Array.isArray(content["traceback"]) ? content["traceback"].map(String) : [];
  return {
    output_type: "error",
    ename: String(content["ename"] || "Error"),
    evalue: String(content["evalue"] ?? ""),
    traceback,
  };
}

function add(cell: CellOutputs, output: Output): void {
  if (cell.clearNext) cell.outputs.length = 0;
  cell.clearNext = false;
  cell.outputs.push(output);
}

function addStream(cell: CellOutputs, name: string, text: string): void {
  const last = cell.outputs.at(-1);
  if (!cell.clearNext && last?.output_type === "stream" && last.name === name) last.text += text;
  else add(cell, { output_type: "stream", name, text });
}

function dataOf(content: Record<string, unknown>): Pick<Bundle, "data" | "metadata"> {
  return {
    data: (content["data"] ?? {}) as Bundle["data"],
    metadata: (content["metadata"] ?? {}) as Bundle["metadata"],
  };
}

function displayId(content: Record<string, unknown>): string | undefined {
  return (content["transient"] as { display_id?: string } | undefined)?.display_id;
}
