/** Stage 3c: preference pairs from a policy's scored replies. */
import type { Format } from "../../core/records.ts";
import type { StageCall } from "../../run/define_stage.ts";
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

/** Runs `build-dpo`. */
export async function buildDpo(
  { stage, options, context }: StageCall<typeof BuildDpoOptions>,
): Promise<DatasetResult> {
  checkDpoOptions(options);
  const tokenizer = await openTokenizer({ name: "tokenizer", dir: options.tokenizer }, context);
  const { maxLength: max, compat, gate } = options;
  const form = formOf(tokenizer, options);
  return await buildDataset<DpoReject, Choice>({
    ...{ stage: stage.name, kind: "dpo", options, paths: options.in },
    affects: { tokenizer: tokenizer.fingerprint, gate: gate.length > 0 ? gate : undefined },
    seed: options.seed,
    tokenizers: [tokenizer.identity],
    nothing: "no prompt gave a pair",
    async open(input) {
      const limit = await LengthLimit.open(tokenizer, { max, compat, form });
      return dpoRows(options, input, { limit, form });
    },
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
