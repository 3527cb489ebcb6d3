/** The datasets of one build: a target for each tokenizer and variant. */
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { type TeacherRecord, Variant } from "../../core/records.ts";
import type { Rejection } from "../build/rejects_file.ts";
import { openTokenizer, parseTokenizerFlag } from "../tokens/tokenizer.ts";
import { recordFault } from "./record_fault.ts";
import type { SftReject, SftSettings } from "./sft_options.ts";
import { type SftRow, SftTarget } from "./sft_target.ts";

/**
 * The row of a reply for every target, or why one of them cannot have it: the datasets of a build are
 * of the same replies.
 */
export async function rowsOfReply(
  record: TeacherRecord,
  options: SftSettings,
  targets: readonly SftTarget[],
): Promise<SftRow[] | Rejection<SftReject>> {
  const fault = recordFault(record, options);
  if (fault !== null) return fault;
  const rows: SftRow[] = [];
  for (const target of targets) {
    const row = await target.row(record);
    if ("reason" in row) return row;
    rows.push(row);
  }
  return rows;
}

/** Opens the tokenizers. Throws `InputError` where the options name none for a variant. */
export async function sftTargets(
  options: SftSettings,
  context: Partial<StageContext>,
): Promise<SftTarget[]> {
  const tokenizers = await Promise.all(
    options.tokenizer.map(parseTokenizerFlag).map((each) => openTokenizer(each, context)),
  );
  const names = new Set(tokenizers.map(({ name }) => name));
  if (names.size < tokenizers.length) {
    throw new InputError("--tokenizer: two have the same name: give each as NAME=DIR");
  }
  if (options.compat && options.twins) {
    throw new InputError("--twins: not with --compat rlmt, whose sets are of one variant each");
  }
  if (!options.twins) {
    return tokenizers.map((tokenizer) =>
      new SftTarget(
        tokenizer,
        options.variant,
        tokenizers.length === 1 ? "" : tokenizer.name,
        options,
      )
    );
  }
  return Variant.options.flatMap((variant) => {
    const fitting = tokenizers.filter(({ prompted }) => prompted === null || prompted === variant);
    if (fitting.length === 0) {
      throw new InputError(
        `--twins: no --tokenizer for the variant ${variant}: a prompted model's serves its own ` +
          `variant alone, so give one of each`,
      );
    }
    return fitting.map((tokenizer) =>
      new SftTarget(
        tokenizer,
        variant,
        fitting.length === 1 ? variant : `${variant}/${tokenizer.name}`,
        options,
      )
    );
  });
}
