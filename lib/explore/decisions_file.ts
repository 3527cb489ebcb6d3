/** The decisions file while an explorer is open: lines are added as decisions are made. */
import { Decision } from "../core/decisions.ts";
import { InputError, messageOf } from "../core/errors.ts";
import { readDecisionLines } from "../io/read_decisions.ts";

/** Steps that can be undone at most. */
const MOST_STEPS = 100;

/**
 * Decisions by id. A decision is a line at the file's end; undoing writes the file as it was before,
 * in one step or not at all.
 */
export class DecisionsFile {
  readonly path: string;
  #lines: readonly Decision[];
  /** The lines before each step, the newest last. */
  readonly #steps: (readonly Decision[])[] = [];
  /** Bytes of the file as it was last read or written; 0 where there is none. */
  #size: number;

  private constructor(path: string, lines: Decision[]) {
    this.path = path;
    this.#lines = lines;
    this.#size = sizeOf(path);
  }

  /** Reads a file, or begins one that is made by the first decision. Throws `InputError`. */
  static async open(path: string): Promise<DecisionsFile> {
    let lines: Decision[] = [];
    if (sizeOf(path) > 0) lines = await Array.fromAsync(readDecisionLines(path));
    return new DecisionsFile(path, lines);
  }

  /** The decisions that count, by id. */
  get decisions(): Map<string, Decision> {
    return new Map(this.#lines.map((decision) => [decision.id, decision]));
  }

  /** Whether there is a step to undo. */
  get canUndo(): boolean {
    return this.#steps.length > 0;
  }

  /** Adds decisions as one step. Throws `InputError` where the file was changed by others. */
  decide(given: readonly Decision[]): void {
    const decisions = given.map((decision) => Decision.parse(decision));
    if (decisions.length === 0) return;
    this.#checkUnchanged();
    const before = this.#size === 0 || endsInLine(this.path) ? "" : "\n";
    Deno.writeTextFileSync(this.path, before + textOf(decisions), { append: true });
    this.#step([...this.#lines, ...decisions]);
  }

  /** Takes every line about some prompts out, as one step: they are kept as they were sampled. */
  clear(ids: readonly string[]): void {
    const gone = new Set(ids);
    const left = this.#lines.filter(({ id }) => !gone.has(id));
    if (left.length === this.#lines.length) return;
    this.#rewrite(left);
    this.#step(left);
  }

  /** Takes the last step of this session back, if there is one. */
  undo(): void {
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
    this.#size = sizeOf(this.path);
  }

  #rewrite(lines: readonly Decision[]): void {
    this.#checkUnchanged();
    const temporary = `${this.path}.tmp`;
    Deno.writeTextFileSync(temporary, textOf(lines));
    Deno.renameSync(temporary, this.path);
    this.#size = sizeOf(this.path);
  }

  #checkUnchanged(): void {
    if (sizeOf(this.path) === this.#size) return;
    throw new InputError(`${this.path}: was changed by another program: start explore again`);
  }
}

function textOf(decisions: readonly Decision[]): string {
  return decisions.map((decision) => `${JSON.stringify(decision)}\n`).join("");
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw new InputError(`${path}: ${messageOf(error)}`);
  }
}

/** Whether what is added begins a line; a file that was edited by hand may lack its last end. */
function endsInLine(path: string): boolean {
  using file = Deno.openSync(path);
  file.seekSync(-1, Deno.SeekMode.End);
  const byte = new Uint8Array(1);
  file.readSync(byte);
  return byte[0] === 10;
}
