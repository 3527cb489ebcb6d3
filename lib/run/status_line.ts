/** One line that tells how far something is: written over on a terminal, a new one a while elsewhere. */
import type { StageContext } from "../core/context.ts";

/** How often a live line changes, and how often a plain one is written. */
const LIVE_MS = 200, PLAIN_MS = 10_000;
/** How a terminal forgets the line that the cursor stands in. */
const CLEAR = "\r\x1b[2K";

/** Where a line is shown; a test's own in place of stderr. */
export interface Terminal {
  isTerminal: boolean;
  write(text: string): void;
}

const encoder = new TextEncoder();
const stderr: Terminal = {
  get isTerminal() {
    return Deno.stderr.isTerminal();
  },
  write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
};

/** Shows lines as the context asks. */
export class StatusLine {
  /** Whether there is a line to write over. */
  readonly isLive: boolean;
  #shownAt: number;

  constructor(
    readonly context: Pick<StageContext, "progress" | "log" | "monotonic">,
    readonly terminal: Terminal = stderr,
  ) {
    this.isLive = context.progress === "auto" && terminal.isTerminal;
    this.#shownAt = context.monotonic();
  }

  /** Whether it is time for another; `isOften` where somebody else looks on too. */
  isDue(now: number, isOften = false): boolean {
    const since = now - this.#shownAt;
    return since >= (this.isLive || isOften ? LIVE_MS : PLAIN_MS) || since < 0;
  }

  /** Shows a line, or nothing where no progress is asked for. */
  show(line: string, now: number): void {
    this.#shownAt = now;
    if (this.isLive) this.terminal.write(`${CLEAR}${line}`);
    else if (this.context.progress !== "none") this.context.log(line);
  }

  /** Takes a live line away. */
  clear(): void {
    if (this.isLive) this.terminal.write(CLEAR);
  }

  /** Leaves a live line as it is. */
  leave(): void {
    if (this.isLive) this.terminal.write("\n");
  }
}
