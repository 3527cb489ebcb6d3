/** Splits whose files are encoded and written by a thread of their own, beside the caller's. */
import { fileURLToPath } from "node:url";
import { isFile } from "../../core/file_kind.ts";
import { workerModule } from "../../core/worker_module.ts";
import type { Columns } from "./columns.ts";
import type { PackedRows } from "./packed_rows.ts";
import type { SplitPlace, SplitShards, SplitSink } from "./split_files.ts";

/** What the thread is asked; of each split in order. */
export type SplitCall =
  | { to: "open"; place: SplitPlace; columns: Columns }
  | { to: "write"; rows: PackedRows }
  | { to: "close" }
  | { to: "abandon" };
export type SplitRequest = SplitCall & { call: number; split: number };

/** What the thread answers to a call. */
export type SplitAnswer =
  | { call: number; result: PackedRows | SplitShards | null }
  | { call: number; failed: { name: string; message: string } };

const MODULE = workerModule("split_worker", import.meta.url);

/**
 * Whether the thread can begin without asking: a thread's module is read as a file, which a script
 * that may read its data alone, or a compiled program, does not reach.
 */
export function threadCanBegin(): boolean {
  if (MODULE.protocol !== "file:") return false;
  const path = fileURLToPath(MODULE);
  return Deno.permissions.querySync({ name: "read", path }).state === "granted" && isFile(path);
}

/** A split that is written by the thread. */
export class ThreadSplit implements SplitSink {
  readonly #thread = SplitThread.shared();
  readonly #split: number;

  constructor(place: SplitPlace, columns: Columns) {
    this.#split = this.#thread.enter();
    // Where this fails, so does the first write.
    this.#thread.ask(this.#split, { to: "open", place, columns }).catch(() => {});
  }

  async write(rows: PackedRows): Promise<PackedRows> {
    return await this.#thread.ask(this.#split, { to: "write", rows }) as PackedRows;
  }

  async close(): Promise<SplitShards> {
    const shards = await this.#thread.ask(this.#split, { to: "close" }) as SplitShards;
    this.#thread.leave(this.#split);
    return shards;
  }

  async abandon(): Promise<void> {
    // It may be the thread itself that failed.
    await this.#thread.ask(this.#split, { to: "abandon" }).catch(() => {});
    this.#thread.leave(this.#split);
  }
}

/** The thread: there is one while splits are open. */
class SplitThread {
  static #shared: SplitThread | undefined;
  readonly #worker = new Worker(MODULE, { type: "module" });
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #splits = new Set<number>();
  #calls = 0;
  #entered = 0;
  #broken: Error | undefined;

  static shared(): SplitThread {
    return SplitThread.#shared ??= new SplitThread();
  }

  private constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<SplitAnswer>) => {
      const waiting = this.#waiting.get(data.call)!;
      this.#waiting.delete(data.call);
      if ("failed" in data) waiting.reject(errorOf(data.failed));
      else waiting.resolve(data.result);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#broken = new Error(`the thread that writes datasets failed: ${event.message}`);
      for (const { reject } of this.#waiting.values()) reject(this.#broken);
      this.#waiting.clear();
    };
  }

  /** A number for a new split. */
  enter(): number {
    this.#splits.add(++this.#entered);
    return this.#entered;
  }

  async ask(split: number, asked: SplitCall): Promise<unknown> {
    if (this.#broken !== undefined) throw this.#broken;
    const call = ++this.#calls;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(call, answer);
    const request: SplitRequest = { ...asked, call, split };
    this.#worker.postMessage(request, asked.to === "write" ? buffersOf(asked.rows) : []);
    return await answer.promise;
  }

  /** The last split ends the thread. */
  leave(split: number): void {
    this.#splits.delete(split);
    if (this.#splits.size > 0) return;
    this.#worker.terminate();
    if (SplitThread.#shared === this) SplitThread.#shared = undefined;
  }
}

/** What is handed over, not copied. */
export function buffersOf({ texts, numbers }: PackedRows): ArrayBuffer[] {
  return [texts.buffer, numbers.buffer];
}

/** An error as it was in the thread, where that is one of Deno's: messages alone are copied. */
function errorOf({ name, message }: { name: string; message: string }): Error {
  const known = (Deno.errors as Record<string, new (message: string) => Error>)[name];
  return known === undefined ? Object.assign(new Error(message), { name }) : new known(message);
}
