/** The records of a run that a page is made from: all, or some spread evenly. */
import { count } from "../view/number_text.ts";
import type { SectionOptions } from "./section.ts";
import type { Subject } from "./subject.ts";

/** Records, and a sentence that says of how many the page tells, where those are not all. */
export interface RunRecords<R> {
  records: AsyncGenerator<R>;
  note: string | undefined;
}

/** At most `options.rows` of a run's records, in their order; all where their number is not known. */
export function spreadRecords<R>(
  all: AsyncIterable<R>,
  { manifest }: Subject,
  { rows: most = Infinity, onRow }: SectionOptions,
): RunRecords<R> {
  const total = manifest?.counts.kept ?? 0;
  const share = total > most ? most / total : 1;
  const note = share < 1
    ? `Read for this page: ${count(most)} of the ${count(total)} records, spread evenly.`
    : undefined;
  return { records: taken(all, share, onRow), note };
}

async function* taken<R>(
  all: AsyncIterable<R>,
  share: number,
  onRow?: () => void,
): AsyncGenerator<R> {
  let place = 0;
  for await (const record of all) {
    onRow?.();
    const before = Math.floor(place * share);
    if (Math.floor(++place * share) > before) yield record;
  }
}
