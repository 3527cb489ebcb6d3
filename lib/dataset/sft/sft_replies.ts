/** Where the replies of an SFT dataset come from: teacher records, or the best of scored ones. */
import type { Extra, TeacherRecord } from "../../core/records.ts";
import { ExtraColumns } from "../../io/write/extra_columns.ts";
import { readScoredRows, readTeacherRows } from "../../io/records/read_records.ts";
import type { BuildInput } from "../build/build_input.ts";
import type { Rejection } from "../build/rejects_file.ts";
import type { Item } from "../build/row_ids.ts";
import { withHistoryThoughts } from "../tokens/history_thoughts.ts";
import { bestReplies } from "./best_replies.ts";
import type { SftReject, SftSettings } from "./sft_options.ts";

/** An input row, and the replies that it gives or why it gives none. */
export interface RowReplies extends Item {
  records: TeacherRecord[];
  rejection: Rejection<SftReject> | null;
}

/** The replies of the rows that are to be built from, those of earlier turns that `split` adds too. */
export async function* rowReplies(
  options: SftSettings,
  input: BuildInput<SftReject>,
): AsyncGenerator<RowReplies> {
  const whole = (record: TeacherRecord) => withHistoryThoughts(record, options.historyThoughts);
  if (options.best === undefined) {
    for await (const { where, ...record } of input.teacher()) {
      yield { id: record.id, where, records: whole(record), rejection: null };
    }
    return;
  }
  for await (const record of input.scored()) {
    const { id, where } = record, best = bestReplies(record, options, input.pairOf(id)?.chosen);
    const replies = Array.isArray(best)
      ? { records: best.flatMap(whole), rejection: null }
      : { records: [], rejection: best };
    yield { id, where, ...replies };
  }
}

/** The columns of what was kept of the rows, from a reading of its own where there are any. */
export async function keptColumns(
  { best, compat }: SftSettings,
  input: BuildInput<SftReject>,
): Promise<ExtraColumns> {
  const columns = new ExtraColumns();
  if (compat !== undefined) return columns;
  const rows: AsyncIterable<{ extra?: Extra }> = best === undefined
    ? input.ahead(readTeacherRows)
    : input.ahead(readScoredRows);
  for await (const { extra } of rows) {
    if (extra === undefined) break;
    columns.add(extra);
  }
  return columns;
}
