/** The rows that `score-responses` reads, and what of one affects its record. */
import { join } from "node:path";
import type { z } from "zod";
import type { Json } from "../core/canonical.ts";
import type { PolicyRecord } from "../core/records.ts";
import { pathsOf } from "../io/inputs/input_files.ts";
import { readingOf } from "../io/inputs/input_options.ts";
import { pooled } from "../io/records/pooled_records.ts";
import { readPolicyRows } from "../io/records/read_records.ts";
import type { RunInput } from "../run/record_run.ts";
import type { ScoreResponsesOptions } from "./score_options.ts";

/** A row of the input. */
export type Row = PolicyRecord & { where?: string };

/** How rows are read. */
export const readingFor = (options: z.output<typeof ScoreResponsesOptions>) => ({
  ...readingOf(options),
  keep: keptOf(options),
  format: options.format,
});

/**
 * The rows of these options; those of several paths are pooled in files of `folder`.
 *
 * @param repairs counts what was repaired in a public script's replies, anew each time they are read.
 */
export function scoredRows(
  options: z.output<typeof ScoreResponsesOptions>,
  folder: string,
  repairs = new Map<string, number>(),
): Pick<RunInput<Row>, "read" | "content"> {
  const { in: paths } = options;
  return {
    read() {
      repairs.clear();
      const rows = readPolicyRows(paths, { ...readingFor(options), repairs, scores: false });
      if (pathsOf(paths).length === 1) return rows;
      return pooled(rows, join(folder, `.pool-${crypto.randomUUID()}`));
    },
    content: ({ id, prompt, responses, extra }) => ({
      id,
      prompt,
      ...(extra === undefined ? {} : { extra: extra as Json }),
      responses: responses.map(({ index, text, answer }) => ({ index, text, answer })),
    }),
  };
}

/** The columns that are carried along: those of rules among them. */
function keptOf(
  { keep, labelKey, rewardModel, labels: file }: z.output<typeof ScoreResponsesOptions>,
): string[] {
  const specs = [rewardModel].flat();
  const ofFile = file !== undefined && !specs.some((spec) => spec.startsWith("rule/"));
  const labels = labelKey !== undefined
    ? ofFile ? [] : [labelKey]
    : specs.includes("rule/ifeval")
    ? ["instruction_id_list", "kwargs"]
    : [];
  return [...new Set([...keep, ...labels])];
}
