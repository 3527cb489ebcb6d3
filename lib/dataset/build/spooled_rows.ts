/** Rows on disk until their number, and so the permutation, is known; then written in its order. */
import { join } from "node:path";
import type { Extra, Message } from "../../core/records.ts";
import type { Columns, Value } from "../../io/write/columns.ts";
import { ExtraColumns } from "../../io/write/extra_columns.ts";
import { RowSpool } from "../../io/disk/row_spool.ts";
import type { DatasetExport } from "../export/dataset_export.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import type { BuildFolder } from "./build_folder.ts";
import { DEFAULT_CONFIG } from "./dataset_config.ts";
import { type LeafFiles, LeafWriter } from "./leaf_writer.ts";

/** How rows are split, and what is written of them. */
export interface SplitRows extends Pick<LeafFiles, "saveToDisk" | "exports"> {
  seed: number;
  /** How many prompts are to be in train. */
  train: number;
  /** Whether prompts of equal messages stay on one side. */
  grouped: boolean;
  /** The columns beside those that were kept. */
  columns: Columns;
}

/** A row in its split, where it has the place `at`; its bytes stay until the next is read. */
export interface SpooledRow {
  split: string;
  at: number;
  texts: Uint8Array[];
}

/** Keeps rows by number, and which of them are of one prompt; a few bytes of memory each. */
export class SpooledRows {
  readonly #extra = new ExtraColumns();
  readonly #groups = new PromptGroups();
  readonly #folder: BuildFolder;
  readonly #spool: RowSpool;

  constructor(folder: BuildFolder) {
    this.#folder = folder;
    const spool = new RowSpool(join(folder.root, ".rows"));
    this.#spool = folder.opened.adopt(spool, () => spool.close());
  }

  /** Rows so far. */
  get length(): number {
    return this.#spool.length;
  }

  /** Prompts so far. */
  get prompts(): number {
    return this.#groups.prompts;
  }

  /** Adds a prompt's rows, each as texts, and the columns that were kept of it. */
  add(prompt: readonly Message[], rows: readonly (readonly string[])[], extra?: Extra): void {
    const kept = extra === undefined ? "" : JSON.stringify(extra);
    for (const texts of rows) this.#spool.append([kept, ...texts]);
    this.#groups.add(prompt, rows.length);
    this.#extra.add(extra);
  }

  /** Writes the rows in NumPy's order, those of train first; a split without rows is left out. */
  async write(
    { columns, saveToDisk, exports, ...how }: SplitRows,
    rowOf: (row: SpooledRow, exported?: DatasetExport) => Record<string, Value>,
  ) {
    const { train, validation } = this.#groups.split(how, how);
    const splits = Object.entries({ train, validation }).filter(([, order]) => order.length > 0);
    const kept = this.#extra.columns(columns);
    const leaf = new LeafWriter(this.#folder, {
      splits: splits.map(([name]) => name),
      configs: { [DEFAULT_CONFIG]: { ...columns, ...kept } },
      saveToDisk,
      exports,
    });
    for (const [split, order] of splits) {
      for (const [at, place] of order.entries()) {
        this.#folder.context.signal.throwIfAborted();
        const [extra, ...texts] = this.#spool.read(place);
        const row = rowOf({ split, at, texts }, leaf.exported);
        await leaf.write(split, { ...row, ...this.#extra.valuesOf(extraOf(extra!)) });
      }
    }
    const rows = { train: train.length, validation: validation.length };
    return { ...await leaf.close(), rows };
  }
}

function extraOf(bytes: Uint8Array): Extra | undefined {
  return bytes.length === 0 ? undefined : JSON.parse(decoder.decode(bytes));
}

const decoder = new TextDecoder();
