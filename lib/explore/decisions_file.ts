/** The decisions file while an explorer is open: lines are added as decisions are made. */
import { Decision } from "../core/decisions.ts";
import { writeAll } from "../core/disk.ts";
import { InputError } from "../core/errors.ts";
import { replaceFile } from "../core/replace_file.ts";
import { stampOf } from "../io/disk/file_stamp.ts";
import { readDecisionLines } from "../io/records/read_decisions.ts";

/** Steps that can be undone at most. */
const MOST_STEPS = 100;

/**
 * Decisions by id. A decision is a line at the file's end; many at once, and undoing, write the file
 * anew, in one step or not at all. What another program wrote meanwhile is read before anything is
 * added to it.
 */
export class DecisionsFile {
  readonly path: string;
  #lines: readonly Decision[];
  /** The lines before each step, the newest last. */
  #steps: (readonly Decision[])[] = [];
  /** Of the file as it was last read or written; null where there is none. */
  #stamp: string | null;

  private constructor(path: string, lines: Decision[], stamp: string | null) {
    this.path = path;
    this.#lines = lines;
    this.#stamp = stamp;
  }

  /** Reads a file, or begins one that is made by the first decision. Throws `InputError`. */
  static async open(path: string): Promise<DecisionsFile> {
    const stamp = stampOf(path);
    return new DecisionsFile(path, await linesOf(path), stamp);
  }

  /** The decisions that count, by id. */
  get decisions(): Map<string, Decision> {
    return new Map(this.#lines.map((decision) => [decision.id, decision]));
  }

  /** Whether there is a step to undo. */
  get canUndo(): boolean {
    return this.#steps.length > 0;
  }

  /** Reads the file again where another program changed it; gives whether it did. */
  async refresh(): Promise<boolean> {
    const stamp = stampOf(this.path);
    if (stamp === this.#stamp) return false;
    this.#lines = await linesOf(this.path);
    this.#steps = [];
    this.#stamp = stamp;
    return true;
  }

  /**
   * Adds decisions as one step.
   *
   * @throws {InputError} where another program changed the file: it is read again, nothing is added.
   */
  async decide(given: readonly Decision[]): Promise<void> {
    const decisions = given.map((decision) => Decision.parse(decision));
    if (decisions.length === 0) return;
    await this.#checkUnchanged();
    const lines = [...this.#lines, ...decisions];
    if (decisions.length > 1) this.#rewrite(lines);
    else this.#append(textOf(decisions));
    this.#step(lines);
  }

  /** Takes every line about some prompts out, as one step: they are kept as they were sampled. */
  async clear(ids: readonly string[]): Promise<void> {
    await this.#checkUnchanged();
    const gone = new Set(ids);
    const left = this.#lines.filter(({ id }) => !gone.has(id));
    if (left.length === this.#lines.length) return;
    this.#rewrite(left);
    this.#step(left);
  }

  /** Takes the last step of this session back, if there is one. */
  async undo(): Promise<void> {
    await this.#checkUnchanged();
    const before = this.#steps.at(-1);
    if (before === undefined) return;
    this.#rewrite(before);
    this.#lines = before;
    this.#steps.pop();
  }

  #step(lines: readonly Decision[]): void {
    this.#steps.push(this.#lines);
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
    this.#lines = lines;
  }

  #append(text: string): void {
    const before = this.#stamp === null || endsInLine(this.path) ? "" : "\n";
    Deno.writeTextFileSync(this.path, before + text, { append: true });
    this.#stamp = stampOf(this.path);
  }

  #rewrite(lines: readonly Decision[]): void {
    replaceFile(this.path, (file) => writeAll(file, new TextEncoder().encode(textOf(lines))));
    this.#stamp = stampOf(this.path);
  }

  async #checkUnchanged(): Promise<void> {
    if (!await this.refresh()) return;
    throw new InputError(
      `${this.path}: another program changed it, so it was read again: look, and decide once more`,
    );
  }
}

function textOf(decisions: readonly Decision[]): string {
  return decisions.map((decision) => `${JSON.stringify(decision)}\n`).join("");
}

/** The lines of a file; none where there is no file yet, or nothing in it. */
async function linesOf(path: string): Promise<Decision[]> {
  const info = await Deno.stat(path).catch(() => null);
  return info === null || info.size === 0 ? [] : await Array.fromAsync(readDecisionLines(path));
}

/** Whether what is added begins a line; a file that was edited by hand may lack its last end. */
function endsInLine(path: string): boolean {
  using file = Deno.openSync(path);
  if (file.statSync().size === 0) return true;
  file.seekSync(-1, Deno.SeekMode.End);
  const byte = new Uint8Array(1);
  file.readSync(byte);
  return byte[0] === 10;
}
