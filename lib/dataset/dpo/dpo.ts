/** Stage 3c: preference pairs from a policy's scored replies. */
import type { z } from "zod";
import { defaultContext, type StageContext } from "../../core/context.ts";
import { parseOptions } from "../../core/options.ts";
import type { Format } from "../../core/records.ts";
import { buildDataset, type DatasetResult } from "../build/dataset_folder.ts";
import { LengthLimit } from "../tokens/length_limit.ts";
import { type RowForm, rowForm } from "../tokens/row_form.ts";
import { openTokenizer, type TargetTokenizer } from "../tokens/tokenizer.ts";
import {
  BuildDpoOptions,
  checkDpoOptions,
  type DpoReject,
  type DpoSettings,
} from "./dpo_options.ts";
import { dpoRows, type FormOf } from "./dpo_rows.ts";
import type { Choice } from "./pair_maker.ts";

/**
 * Builds a DPO dataset with a train and a validation split. Rows are never all in memory: chosen
 * pairs wait on disk until their number, and so the permutation, is known.
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * prompt gave a pair.
 */
export async function buildDpo(
  given: z.input<typeof BuildDpoOptions>,
  overrides: Partial<StageContext> = {},
): Promise<DatasetResult> {
  const options = parseOptions(BuildDpoOptions, given), context = defaultContext(overrides);
  checkDpoOptions(options);
  const tokenizer = await openTokenizer({ name: "tokenizer", dir: options.tokenizer }, context);
  const { maxLength: max, compat, gate } = options;
  const form = formOf(tokenizer, options);
  const limit = await LengthLimit.open(tokenizer, { max, compat, form });
  return await buildDataset<DpoReject, Choice>({
    stage: "build-dpo",
    kind: "dpo",
    options,
    paths: options.in,
    affects: { tokenizer: tokenizer.fingerprint, gate: gate.length > 0 ? gate : undefined },
    seed: options.seed,
    tokenizers: [tokenizer.identity],
    nothing: "no prompt gave a pair",
    open: (input) => dpoRows(options, input, { limit, form }),
  }, context);
}

function formOf(tokenizer: TargetTokenizer, options: DpoSettings): FormOf {
  const forms = new Map<Format, RowForm>();
  return (format, turns) => {
    if (turns !== undefined) return rowForm(tokenizer, format, options, turns);
    const form = forms.get(format) ?? rowForm(tokenizer, format, options);
    forms.set(format, form);
    return form;
  };
}
