/** Filters as the flags of `build-dpo` that do the same. Pure. */
import type { Filter } from "./filters.ts";

/** A command line, and the filters that no flag stands for. */
export interface FlagsOf {
  command: string;
  without: string[];
}

/**
 * The flags that leave the same prompts as the filters do: a least margin and a least
 * number of scored replies. What else is filtered has to be decided on (`--decisions`).
 */
export function flagsOf(
  filters: Record<string, Filter>,
  { inputs, decisions, searched }: {
    inputs: string[];
    decisions: string | null;
    searched: boolean;
  },
): FlagsOf {
  const parts = ["build-dpo", ...inputs.flatMap((path) => ["--in", path])];
  const without: string[] = [];
  for (const [name, filter] of Object.entries(filters)) {
    if (name === "margin" && "min" in filter && filter.min !== null && filter.max === null) {
      parts.push("--min-margin", String(Math.max(0, filter.min)));
    } else if (name === "scored" && "min" in filter && filter.min !== null && filter.max === null) {
      parts.push("--min-responses", String(Math.max(2, Math.ceil(filter.min))));
    } else if (name !== "decision") without.push(name);
  }
  if (searched) without.push("search");
  if (decisions !== null) parts.push("--decisions", decisions);
  return { command: parts.join(" "), without };
}
