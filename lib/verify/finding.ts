/** One thing that was checked. */
export interface Finding {
  /** The folder it was found in. */
  folder: string;
  /** Whether it is as it should be. */
  ok: boolean;
  /** What was checked, or what is wrong. */
  what: string;
}

/** The same of a folder that is known. */
export type Check = Omit<Finding, "folder">;
