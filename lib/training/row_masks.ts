/** What a trainer learns of single rows, for who looks at them one by one. */
import type { StageContext } from "../core/context.ts";
import { checkRows } from "./check_rows.ts";
import { type MaskedSequence, maskOf } from "./mask_view.ts";
import { openTrainingTokenizer } from "./open_tokenizer.ts";
import type { Fault } from "./rules.ts";
import { type TRAINER_NAMES, trainerNamed } from "./trainers.ts";
import { trainingRow } from "./training_row.ts";

/** A row's tokens as a trainer has them, and the rules that it breaks. */
export interface RowMask {
  trainer: string;
  sequences: MaskedSequence[];
  faults: Fault[];
}

/** A trainer with its own defaults and a tokenizer, to be asked of one row after the other. */
export interface RowMasks {
  trainer: string;
  /** The mask of a dataset's row, or why it is none. */
  of(row: unknown): Promise<RowMask | string>;
}

/** Opens one. Throws `InputError` where the folder has no template or no tokenizer.json. */
export async function openRowMasks(
  { tokenizer: dir, trainer }: { tokenizer: string; trainer: typeof TRAINER_NAMES[number] },
  context: StageContext,
): Promise<RowMasks> {
  const tokenizer = await openTrainingTokenizer(dir, context);
  const { maxLength, open } = trainerNamed(trainer);
  const opened = await open(tokenizer, { maxLength, assistantOnlyLoss: false, set: {} });
  return {
    trainer,
    of: async (row) => {
      const read = trainingRow(row, "the row");
      if (typeof read === "string") return read;
      const [checked] = await Array.fromAsync(checkRows([read], opened, tokenizer));
      return { trainer, sequences: maskOf(checked!), faults: checked!.faults };
    },
  };
}
