/** One thing that was checked. */
export interface Check {
  /** Whether it is as it should be. */
  ok: boolean;
  /** What was checked, or what is wrong. */
  what: string;
}

/** A check, and the folder that it is of. */
export interface Finding extends Check {
  /** The folder it was found in. */
  folder: string;
}
