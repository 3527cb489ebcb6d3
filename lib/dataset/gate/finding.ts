/** What is found in the pairs of a dataset. */
import type { GateName } from "./gate_options.ts";

/** A pair, or a prompt, that something was found in. */
export interface FoundRow {
  gate: GateName;
  id: string;
  detail: string;
}

/** What was found by one name. */
export interface Finding {
  gate: GateName;
  /** The effect, or the share. */
  value: number;
  /** In words, for people. */
  words: string;
  /** Whether it stands out where nobody asked. */
  standsOut: boolean;
  /** Where it was found; of what is not of single rows, a hundred of them. */
  rows: FoundRow[];
}

/** A share; 0 of nothing. */
export function share(count: number, of: number): number {
  return of === 0 ? 0 : count / of;
}
