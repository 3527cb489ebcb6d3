/** The scored records at the ends of a run: what tells of a reward sooner than records at random. */
import type { PolicyRecord, ScoredRecord } from "../core/records.ts";
import { Greatest } from "../view/greatest.ts";

type Record = PolicyRecord | ScoredRecord;

/** Records that are shown together. */
export interface ExtremeGroup {
  title: string;
  records: Record[];
}

/** By what records stand at an end: the larger, the further. Of equal ones the first counts. */
const ENDS: { title: string; far: (best: number, worst: number) => number }[] = [
  { title: "Prompts whose replies lie furthest apart", far: (best, worst) => best - worst },
  { title: "Prompts whose best reply is the lowest", far: (best) => -best },
  { title: "Prompts with the highest rewards", far: (best) => best },
];

/** Keeps the `size` records furthest out at each end. */
export class Extremes {
  readonly #kept: Greatest<Record>[];

  constructor(readonly size: number) {
    this.#kept = ENDS.map(() => new Greatest(size));
  }

  /** Takes a record; one without two scores stands at no end. */
  add(record: Record): void {
    const scores = record.responses.flatMap((reply) =>
      "score" in reply && typeof reply.score === "number" ? [reply.score] : []
    );
    if (scores.length < 2) return;
    const best = Math.max(...scores), worst = Math.min(...scores);
    for (const [end, { far }] of ENDS.entries()) this.#kept[end]!.add(far(best, worst), record);
  }

  /** `size` records in all where there are so many, each at one end; empty where none was scored. */
  groups(): ExtremeGroup[] {
    const shown = new Set<Record>();
    let left = this.size;
    return ENDS.flatMap(({ title }, end) => {
      const most = Math.ceil(left / (ENDS.length - end));
      const records = this.#kept[end]!.found.map(({ item }) => item)
        .filter((record) => !shown.has(record)).slice(0, most);
      records.forEach((record) => shown.add(record));
      left -= records.length;
      return records.length === 0 ? [] : [{ title, records }];
    });
  }
}
