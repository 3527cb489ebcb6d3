/** How far a reading is whose rows nobody has counted yet: a build, a report. */
import type { StageContext } from "../core/context.ts";
import { duration, short } from "./progress.ts";
import { StatusLine } from "./status_line.ts";

/** So many rows go by between two looks at the clock. */
const LOOK_EVERY = 64;

/** Counts rows, and shows them as the context asks: a live line on a terminal, else one a while. */
export class RowsProgress {
  readonly #context: StageContext;
  readonly #name: string;
  readonly #bytes: number;
  readonly #line: StatusLine;
  readonly #began: number;
  #rows = 0;
  #read = 0;

  /** `bytes` are those of all files, where their reading is told too. */
  constructor(context: StageContext, name: string, bytes = 0) {
    this.#context = context;
    this.#name = name;
    this.#bytes = bytes;
    this.#line = new StatusLine(context);
    this.#began = context.monotonic();
  }

  /** Counts a row. */
  row(): void {
    if (++this.#rows % LOOK_EVERY !== 0 || this.#context.progress === "none") return;
    const now = this.#context.monotonic();
    if (this.#line.isDue(now)) this.#line.show(this.#text((now - this.#began) / 1000), now);
  }

  /** Counts bytes that were read. */
  read(bytes: number): void {
    this.#read += bytes;
  }

  /** Takes a live line away. */
  end(): void {
    this.#line.clear();
  }

  #text(seconds: number): string {
    const share = this.#bytes > 0 ? Math.min(1, this.#read / this.#bytes) : 0;
    const parts = [
      `${this.#name}: ${this.#rows.toLocaleString("en")} rows`,
      `${short(this.#rows / seconds)}/s`,
    ];
    if (share > 0) {
      parts.push(`${Math.floor(100 * share)}% read`);
      if (share < 1) parts.push(`${duration(seconds / share - seconds)} left`);
    }
    return parts.join(" · ");
  }
}
