/** Where the replies of an SFT dataset come from: teacher records, or the best of scored ones. */
import type { Extra, TeacherRecord } from "../../core/records.ts";
import { type BadRow, isBadRow } from "../../io/bad_rows.ts";
import { ExtraColumns } from "../../io/extra_columns.ts";
import { readingOf } from "../../io/input_options.ts";
import { readScoredRows, readTeacherRows } from "../../io/read_records.ts";
import type { BuildInput } from "../build/build_input.ts";
import type { BuildFolder } from "../build/dataset_folder.ts";
import type { Rejection } from "../build/rejects_file.ts";
import { bestReplies } from "./best_replies.ts";
import type { SftReject, SftSettings } from "./sft_options.ts";

/** An input row, and the replies that it gives or why it gives none. */
export interface RowReplies {
  item: { id: string; where: string };
  records: TeacherRecord[] | Rejection<SftReject>;
}

/** The replies of a build. */
export interface Replies {
  /** The columns of what was kept of the rows, from a reading of its own where there are any. */
  extra(): Promise<ExtraColumns>;
  items(): AsyncGenerator<RowReplies>;
  /** Repairs that were made to public scripts' rows. */
  repairs: ReadonlyMap<string, number>;
}

/** Opens the input by the options: with `best` it is of scored records. */
export function openReplies(
  options: SftSettings,
  input: BuildInput<SftReject>,
  { context, onChunk }: BuildFolder<SftReject>,
): Replies {
  const { format, in: paths } = options, { signal } = context;
  const repairs = new Map<string, number>();
  const reading = { ...readingOf(options), format, signal };
  const counting = { ...reading, repairs, onChunk };
  if (options.best === undefined) {
    return {
      repairs,
      extra: () => extraOf(readTeacherRows(paths, reading)),
      async *items() {
        const rows = readTeacherRows(paths, counting);
        for await (const record of input.items(paths, rows, teacherTexts)) {
          const { where, ...fields } = record;
          yield { item: { id: record.id, where }, records: [fields] };
        }
      },
    };
  }
  return {
    repairs,
    extra: () => extraOf(readScoredRows(paths, reading)),
    async *items() {
      const rows = readScoredRows(paths, counting);
      for await (const record of input.replies(paths, rows)) {
        const decided = input.pairOf(record.id)?.chosen;
        yield { item: record, records: bestReplies(record, options, decided) };
      }
    },
  };
}

async function extraOf(rows: AsyncIterable<{ extra?: Extra } | BadRow>): Promise<ExtraColumns> {
  const columns = new ExtraColumns();
  for await (const row of rows) {
    if (isBadRow(row)) continue;
    if (row.extra === undefined) break;
    columns.add(row.extra);
  }
  return columns;
}

/** All texts of a record that a row is made of. */
function teacherTexts({ messages, thought, response }: TeacherRecord): string[] {
  const turns = messages.flatMap(({ role, content }) => [role, content]);
  return thought === null ? [...turns, response] : [...turns, response, thought];
}
