/** One SFT dataset of a build while it is written. */
import type { TeacherRecord } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/write/columns.ts";
import type { ExtraColumns } from "../../io/write/extra_columns.ts";
import type { BuildFolder } from "../build/build_folder.ts";
import { CardPlot } from "../build/card_plot.ts";
import { DEFAULT_CONFIG } from "../build/dataset_config.ts";
import type { DatasetLeaf } from "../build/dataset_leaf.ts";
import { LeafWriter } from "../build/leaf_writer.ts";
import { type RowForm, rowForm } from "../tokens/row_form.ts";
import { sftCard } from "./sft_card.ts";
import type { SftSettings } from "./sft_options.ts";
import type { SftRow, SftTarget } from "./sft_target.ts";

/** The seed's columns. */
const SFT_COLUMNS: Columns = { id: "string", source: "string", messages: MESSAGES, text: "string" };

/** The configuration of which trainers learn the completion alone. */
const PROMPT_COMPLETION = "prompt_completion";
const PROMPT_COMPLETION_COLUMNS: Columns = {
  id: "string",
  source: "string",
  prompt: MESSAGES,
  completion: MESSAGES,
};

/** The names that kept columns cannot have, the same in both configurations. */
const TAKEN = [
  ...Object.keys({ ...SFT_COLUMNS, ...PROMPT_COMPLETION_COLUMNS }),
  "tools",
  "chat_template_kwargs",
  "enable_thinking",
];

/** Writes the rows of a target, all in the split `train`. */
export class SftLeaf {
  readonly target: SftTarget;
  readonly #options: SftSettings;
  readonly #form: RowForm;
  readonly #writer: LeafWriter;
  readonly #lengths = new CardPlot();

  /** Opens the files; `extra` are the columns that were kept of the rows. */
  constructor(
    target: SftTarget,
    options: SftSettings,
    extra: ExtraColumns,
    folder: BuildFolder,
  ) {
    this.target = target;
    this.#options = options;
    const { compat, saveToDisk, export: targets } = options;
    const form = this.#form = rowForm(target.tokenizer, target.format, options, folder);
    const rest = { ...form.columns, ...extra.columns(TAKEN) }, { messages } = form;
    const pairs = { ...PROMPT_COMPLETION_COLUMNS, prompt: messages, completion: messages };
    this.#writer = new LeafWriter(folder, {
      folder: target.folder,
      splits: ["train"],
      configs: {
        [DEFAULT_CONFIG]: { ...SFT_COLUMNS, messages, ...rest },
        ...(compat ? {} : { [PROMPT_COMPLETION]: { ...pairs, ...rest } }),
      },
      saveToDisk,
      exports: { kind: "sft", targets, form },
    });
  }

  /** Writes a row, with the values of its kept columns. */
  async write(
    { id, source, messages: prompt, tools, tool_calls }: TeacherRecord,
    { messages, text, turn }: SftRow,
    extra: Record<string, Value>,
  ): Promise<void> {
    const turns = this.#form.rows(messages), rest = { ...this.#form.values(tools), ...extra };
    await this.#writer.write(
      "train",
      { id, source, messages: turns, text, ...rest },
      { id, source, prompt: turns.slice(0, -1), completion: turns.slice(-1), ...rest },
    );
    this.#lengths.add(turn.length);
    const reply = { role: "assistant" as const, content: turn, ...(tool_calls && { tool_calls }) };
    this.#writer.exported?.addChat("train", { prompt, reply, tools });
  }

  /** What the manifest tells of it. */
  told() {
    const { folder, format, tokenizer, variant } = this.target, rows = this.#lengths.count;
    return { folder: folder || ".", tokenizer: tokenizer.name, variant, format, rows };
  }

  /** Ends the files. */
  async close(): Promise<DatasetLeaf> {
    const caption = "Lengths of the assistant turns";
    return {
      folder: this.target.folder,
      card: sftCard(this.target, this.#options),
      plot: { caption, svg: this.#lengths.svg(caption, "characters") },
      ...await this.#writer.close(),
    };
  }
}
