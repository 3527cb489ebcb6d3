/** Which row of an id counts: the first one, or, as in the public SFT builder, the first that is kept. */
import type { Message } from "../../core/records.ts";
import type { Rejection, RejectsFile } from "./rejects_file.ts";
import { SeenIds } from "./seen_ids.ts";

/** A row that may become rows of a dataset. */
export interface Item {
  id: string;
  where: string;
}

/** What became of a row. */
export interface RowOutcome<R extends string> extends Item {
  /** What it asks: prompts are filtered by it. */
  prompt: readonly Message[];
  /** Why it gives no rows; null where it gives some. */
  rejection: Rejection<R> | null;
}

/** Knows the ids of a build, and puts its rejects down. */
export interface RowIds<R extends string> {
  /** Whether the row is to be looked at; `content` are the texts that are all of it. */
  add(item: Item, content: () => readonly string[]): "new" | "same" | "conflict";
  reject(item: Item, rejection: Rejection<R>): void;
  keep(id: string): void;
  /** Once all rows were read. */
  end(): void;
  /** Distinct ids, and rows that were left out as repeated. */
  counts(): { ids: number; duplicates: number };
}

/** The first row of an id counts; a later one with other content is told of. */
export function firstRowCounts<R extends string>(rejects: RejectsFile<R>): RowIds<R> {
  const seen = new SeenIds();
  return {
    add: ({ id }, content) => seen.add(id, content()),
    reject: ({ id, where }, rejection) => rejects.add(id, rejection, where),
    keep: () => {},
    end: () => {},
    counts: () => ({ ids: seen.size, duplicates: seen.duplicates }),
  };
}

/** An id counts as seen once its row is kept: a reject waits, as a later row may take its place. */
export function keptRowCounts<R extends string>(rejects: RejectsFile<R>): RowIds<R> {
  const kept = new Set<string>();
  const held = new Map<string, { where: string; rejection: Rejection<R> }>();
  let duplicates = 0;
  return {
    add({ id }) {
      if (!kept.has(id)) return "new";
      duplicates++;
      return "same";
    },
    reject({ id, where }, rejection) {
      if (held.has(id)) duplicates++;
      else held.set(id, { where, rejection });
    },
    keep(id) {
      kept.add(id);
      if (held.delete(id)) duplicates++;
    },
    end() {
      for (const [id, { where, rejection }] of held) rejects.add(id, rejection, where);
    },
    counts: () => ({ ids: kept.size + held.size, duplicates }),
  };
}
