/** What one rendering of a chat template may take: templates from anywhere must come to an end. */

/** Nodes evaluated, a turn of a loop counted as some: a second or two. */
const MAX_STEPS = 3_000_000;
const STEPS_A_TURN = 10;
/** Characters and list items that all steps may give, beside those for the input. */
const MAX_GIVEN = 64_000_000;
/** How often a template may come upon each character of its input. */
const MAX_PASSES = 256;

/** Counts what a rendering takes. Its methods throw an `Error` where that is too much. */
export class JinjaBudget {
  #steps = MAX_STEPS;
  #given: number;

  /** The budget for rendering these variables. */
  constructor(variables: Record<string, unknown>) {
    this.#given = MAX_GIVEN + MAX_PASSES * sizeOf(variables);
  }

  /** Takes so many steps. */
  step(count: number): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new Error("stopped: the template takes too many steps");
  }

  /** Begins a loop of so many turns. */
  loop(turns: number): void {
    this.step(STEPS_A_TURN * turns);
  }

  /** A step gave so many characters or items. */
  give(length: number): void {
    this.#given -= length;
    if (this.#given < 0) throw new Error("stopped: the template gives too much text");
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (value === null || typeof value !== "object") return 1;
  return Object.values(value).reduce((sum: number, item) => sum + sizeOf(item), 1);
}
