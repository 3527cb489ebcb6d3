/** A run's open files: flushed to the disk together, watched, and ended together when one fails. */
import { RunError } from "../core/errors.ts";

/** A file that is flushed together with others. */
export interface GroupFile {
  readonly path: string;
  /** Whether lines were added since it was last flushed. */
  readonly isDirty: boolean;
  /** Flushes what has been added so far. */
  sync(): Promise<void>;
  syncNow(): void;
  /** False where something else, or nothing, stands at its path. */
  isInPlace(): boolean;
}

/** How often files are flushed and looked for, in milliseconds: a power cut takes less than a second. */
const EVERY_MS = 500;

/**
 * Files that are flushed together twice a second while lines are added. The first that cannot be
 * written, flushed, or found at its path any more ends them all: `failed` is aborted with the
 * `RunError`, and no line is taken from then on.
 */
export class SyncGroup {
  readonly #files = new Set<GroupFile>();
  readonly #failed = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #flushing = false;

  constructor(options: { everyMs?: number } = {}) {
    this.#timer = setInterval(() => this.#tick(), options.everyMs ?? EVERY_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Aborted with what went wrong. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  add(file: GroupFile): void {
    this.#files.add(file);
  }

  delete(file: GroupFile): void {
    this.#files.delete(file);
  }

  /** Ends the group; returns what ended it first. */
  fail(error: RunError): RunError {
    if (!this.#failed.signal.aborted) this.#failed.abort(error);
    return this.#failed.signal.reason as RunError;
  }

  /** Flushes everything now. Throws the `RunError` that ended the group. */
  syncNow(): void {
    this.failed.throwIfAborted();
    for (const file of this.#files) {
      try {
        if (file.isDirty) file.syncNow();
      } catch (error) {
        throw this.fail(cannotKeep(file.path, error));
      }
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    if (this.failed.aborted) return;
    for (const file of this.#files) {
      if (file.isInPlace()) continue;
      this.fail(
        new RunError(
          `${file.path}: was removed, moved or replaced while the run was writing it: nothing more ` +
            `is asked; put its folder back and run the same command again, or choose another --out`,
        ),
      );
      return;
    }
    // A slow disk is waited for: flushes never pile up.
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (const file of [...this.#files]) {
        if (!file.isDirty || !this.#files.has(file)) continue;
        await file.sync().catch((error) => {
          if (this.#files.has(file)) this.fail(cannotKeep(file.path, error));
        });
      }
    } finally {
      this.#flushing = false;
    }
  }
}

/** The error for a file that does not take what is to be kept. */
export function cannotKeep(path: string, error: unknown): RunError {
  if (error instanceof RunError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RunError(
    `${path}: cannot write: ${message}: nothing more is asked; what came before is kept, ` +
      `so run the same command again once the disk takes it`,
    { cause: error },
  );
}
