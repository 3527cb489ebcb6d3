/** Rows on disk until their number, and so the permutation, is known. */
import { join } from "node:path";
import type { Extra, Message } from "../../core/records.ts";
import { ExtraColumns } from "../../io/write/extra_columns.ts";
import { RowSpool } from "../../io/disk/row_spool.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import type { BuildFolder } from "./build_folder.ts";

/** Rows by split; train comes first, and one without rows is left out. */
export interface SpooledSplits {
  names: string[];
  /** How many each side has. */
  rows: { train: number; validation: number };
  /** The rows' texts as bytes, which stay until the next is read; `at` is a row's place in its split. */
  read(): Generator<{ split: string; at: number; texts: Uint8Array[] }>;
}

/** Keeps rows by number, and which of them are of one prompt; a few bytes of memory each. */
export class SpooledRows {
  /** The columns that were kept of the rows' prompts. */
  readonly extra = new ExtraColumns();
  readonly #spool: RowSpool;
  readonly #groups = new PromptGroups();
  readonly #signal: AbortSignal;

  constructor({ root, opened, context }: BuildFolder) {
    this.#spool = opened.adopt(new RowSpool(join(root, ".rows")), (spool) => spool.close());
    this.#signal = context.signal;
  }

  /** Rows so far. */
  get length(): number {
    return this.#spool.length;
  }

  /** Prompts so far. */
  get prompts(): number {
    return this.#groups.prompts;
  }

  /** Adds a prompt's rows, each as texts. */
  add(prompt: readonly Message[], rows: readonly (readonly string[])[], extra?: Extra): void {
    for (const texts of rows) this.#spool.append(texts);
    this.#groups.add(prompt, rows.length);
    this.extra.add(extra);
  }

  /** The rows in NumPy's order; see `PromptGroups.split`. */
  split(
    options: { seed: number; train: number },
    how: { grouped: boolean },
  ): SpooledSplits {
    const sides = this.#groups.split(options, how), spool = this.#spool, signal = this.#signal;
    const splits = Object.entries(sides).filter(([, order]) => order.length > 0);
    return {
      names: splits.map(([name]) => name),
      rows: { train: sides.train.length, validation: sides.validation.length },
      *read() {
        for (const [split, order] of splits) {
          for (const [at, place] of order.entries()) {
            signal.throwIfAborted();
            yield { split, at, texts: spool.read(place) };
          }
        }
      },
    };
  }
}
