/** How far a download is, for people. */
import type { HubContext } from "./hub_repo.ts";

/** How often a line tells how far a download is. */
const SAY_MS = 10_000;

/** Tells how far a download is, how fast it goes and how long it will take. */
export class DownloadProgress {
  readonly #began: number;
  #came = 0;
  #said: number;

  /** Of so many bytes that are there already. */
  constructor(
    readonly name: string,
    public bytes: number,
    readonly size: number | undefined,
    readonly context: Pick<HubContext, "log" | "monotonic">,
  ) {
    this.#began = this.#said = context.monotonic();
  }

  /** So many bytes came. */
  add(bytes: number): void {
    this.bytes += bytes;
    this.#came += bytes;
    const now = this.context.monotonic();
    if (now - this.#said < SAY_MS) return;
    this.#said = now;
    const perSecond = this.#came / (now - this.#began) * 1000;
    const whole = this.size === undefined
      ? ""
      : ` of ${megabytes(this.size)}, ${Math.ceil((this.size - this.bytes) / perSecond)} s left`;
    this.context.log(
      `${this.name}: ${megabytes(this.bytes)}${whole}, ${megabytes(perSecond)} a second`,
    );
  }
}

/** A size as people read it. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
