/** The rejects of a dataset: which rows are not in it, and why. */
import { basename, join } from "node:path";
import type { FileEntry } from "../../core/manifest.ts";
import type { Reject } from "../../core/records.ts";
import { JsonLinesFile } from "../../io/disk/json_lines_file.ts";

/** The file's name in the dataset's folder. */
export const REJECTS = "rejects.jsonl";

/** Why a row is left out: one of a stage's listed reasons, and what it was in this row. */
export interface Rejection<R extends string> {
  reason: R;
  detail: string;
}

/** Rejects, appended as they come up, and counted. */
export class RejectsFile<R extends string> {
  /** Where, and for what reason, the first row was left out. */
  first: string | undefined;
  readonly stage: string;
  readonly #file: JsonLinesFile;
  readonly #reasons = new Map<R, number>();

  constructor(root: string, stage: string) {
    this.stage = stage;
    this.#file = new JsonLinesFile(join(root, REJECTS));
  }
  /** `where` is the row's place, of which the file's name alone goes into the file. */
  add(id: string, { reason, detail }: Rejection<R>, where: string): void {
    const said = [basename(where), detail].filter((part) => part !== "").join(": ");
    const reject: Reject = { id, stage: this.stage, reason, detail: said };
    this.#file.add(reject);
    this.first ??= `${where}: ${reason}: ${detail}`;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }
  /** Rows so far. */
  get count(): number {
    return this.#file.lines;
  }
  /** Counts by reason, in alphabetical order. */
  byReason(): Record<string, number> {
    return Object.fromEntries([...this.#reasons].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  close(): FileEntry {
    return this.#file.close(REJECTS);
  }
  /** Lets go of the file after a failure. */
  abandon(): void {
    this.#file.abandon();
  }
}
