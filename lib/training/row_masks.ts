/** What a trainer learns of single rows, for who looks at them one by one. */
import type { StageContext } from "../core/context.ts";
import { checkRows } from "./check_rows.ts";
import { type MaskedSequence, maskOf } from "./mask_view.ts";
import { type OpenedTokenizer, openTrainingTokenizer } from "./open_tokenizer.ts";
import type { Fault } from "./rules.ts";
import type { OpenedTrainer } from "./trainer.ts";
import { type TRAINER_NAMES, trainerNamed } from "./trainers.ts";
import { trainingRow } from "./training_row.ts";

/** A row's tokens as a trainer has them, and the rules that it breaks. */
export interface RowMask {
  trainer: string;
  sequences: MaskedSequence[];
  faults: Fault[];
}

/** A trainer with its own defaults and a tokenizer, to be asked of one row after the other. */
export class RowMasks {
  readonly trainer: string;
  readonly #tokenizer: OpenedTokenizer;
  readonly #opened: OpenedTrainer;

  private constructor(trainer: string, tokenizer: OpenedTokenizer, opened: OpenedTrainer) {
    this.trainer = trainer;
    this.#tokenizer = tokenizer;
    this.#opened = opened;
  }

  /** Throws `InputError` where the folder has no template or no tokenizer.json. */
  static async open(
    { tokenizer: dir, trainer: name }: { tokenizer: string; trainer: typeof TRAINER_NAMES[number] },
    context: StageContext,
  ): Promise<RowMasks> {
    const tokenizer = await openTrainingTokenizer(dir, context);
    const trainer = trainerNamed(name);
    const { maxLength } = trainer;
    const opened = await trainer.open(tokenizer, { maxLength, assistantOnlyLoss: false, set: {} });
    return new RowMasks(name, tokenizer, opened);
  }

  /** The mask of a dataset's row, or why it is none. */
  async of(row: unknown): Promise<RowMask | string> {
    const read = trainingRow(row, "the row");
    if (typeof read === "string") return read;
    const rows = async function* () {
      yield await Promise.resolve(read);
    };
    const [checked] = await Array.fromAsync(checkRows(rows(), this.#opened, this.#tokenizer));
    return { trainer: this.trainer, sequences: maskOf(checked!), faults: checked!.faults };
  }
}
