/** Stage 3c: preference pairs from a policy's scored replies. */
import type { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { parseOptions } from "../../core/options.ts";
import type { Format } from "../../core/records.ts";
import { withMessageForm } from "../../io/message_values.ts";
import { buildPlan } from "../build/build_plan.ts";
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

import { DpoBuilder, type FormOf } from "./dpo_builder.ts";
/**
 * Builds a DPO dataset with a train and a validation split. Rows are never all in memory: chosen
 * pairs wait on disk until their number, and so the permutation, is known.
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * prompt gave a pair.
 */
export async function buildDpo(
  options: z.input<typeof BuildDpoOptions>,
  context: Partial<StageContext> = {},
): Promise<DatasetResult> {
  const given = parseOptions(BuildDpoOptions, options);
  checkDpoOptions(given);
  const tokenizer = await openTokenizer({ name: "tokenizer", dir: given.tokenizer }, context);
  const { maxLength: max, compat } = given;
  const form = formOf(tokenizer, given);
  const limit = await LengthLimit.open(tokenizer, { max, compat, form });
  const plan = buildPlan("build-dpo", "dpo", given, {
    paths: given.in,
    files: [given.rewardCheck],
    affects: {
      tokenizer: tokenizer.fingerprint,
      gate: given.gate.length > 0 ? given.gate : undefined,
    },
    seed: given.seed,
    tokenizers: [tokenizer.identity],
  });
  return await withMessageForm((json) =>
    buildDataset<DpoReject>(
      plan,
      context,
      async (input, folder) =>
        await new DpoBuilder(given, { limit, form, json }, input, folder).build(),
    )
  );
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
