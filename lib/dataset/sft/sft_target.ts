/** One SFT dataset of a build: a tokenizer and a variant, and how a teacher's reply becomes a row. */
import { join } from "node:path";
import type { Format, TeacherRecord, Variant } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/columns.ts";
import type { ExtraColumns } from "../../io/extra_columns.ts";
import { faultOf, hasThought, type PartFault, renderReply } from "../../reply/format.ts";
import type { ChatMessage } from "../../reply/turn_parts.ts";
import { pythonStrip } from "../../reply/python_strip.ts";
import { CardPlot } from "../build/card_plot.ts";
import type { DatasetLeaf } from "../build/dataset_leaf.ts";
import { ConfigWriter, type DatasetConfig, DEFAULT_CONFIG } from "../build/dataset_config.ts";
import { DatasetExport, type ExportTarget } from "../build/export.ts";
import type { Rejection } from "../build/rejects_file.ts";
import {
  PrefixCheck,
  PROBE_THOUGHT,
  type ThoughtFault,
  thoughtFault,
} from "../tokens/template_check.ts";
import { type Reasoning, type RowForm, rowForm } from "../tokens/row_form.ts";
import { formatFor, type TargetTokenizer } from "../tokens/tokenizer.ts";

/** The seed's columns. */
export const SFT_COLUMNS: Columns = {
  id: "string",
  source: "string",
  messages: MESSAGES,
  text: "string",
};

/** The configuration of which trainers learn the completion alone. */
export const PROMPT_COMPLETION = "prompt_completion";
export const PROMPT_COMPLETION_COLUMNS: Columns = {
  id: "string",
  source: "string",
  prompt: MESSAGES,
  completion: MESSAGES,
};

/** The names that kept columns cannot have, the same in both configurations. */
const TAKEN = [
  ...Object.keys({ ...SFT_COLUMNS, ...PROMPT_COMPLETION_COLUMNS }),
  "chat_template_kwargs",
  "enable_thinking",
];

/** A row that is ready to be written, or why there is none. */
export type SftRow =
  | { reason: null; turn: string; messages: ChatMessage[]; text: string }
  | Rejection<PartFault | ThoughtFault | "no_thought" | "prompt_not_prefix">;

/** Makes and writes the rows of one dataset. */
export class SftTarget {
  readonly tokenizer: TargetTokenizer;
  readonly variant: Variant;
  readonly format: Format;
  /** Where the dataset stands under OUT; `""` is OUT itself. */
  readonly folder: string;
  /** Where its thoughts stand, and which switches of the template its rows name. */
  readonly form: RowForm;
  readonly #compat: "rlmt" | undefined;
  readonly #prefix: PrefixCheck;
  #writers: ConfigWriter[] = [];
  #export: DatasetExport | undefined;
  readonly #lengths = new CardPlot();

  constructor(
    tokenizer: TargetTokenizer,
    variant: Variant,
    folder: string,
    options: { compat?: "rlmt"; reasoning: Reasoning },
  ) {
    this.tokenizer = tokenizer;
    this.variant = variant;
    this.format = formatFor(tokenizer, variant);
    this.folder = folder;
    this.form = rowForm(tokenizer, this.format, options);
    this.#compat = options.compat;
    this.#prefix = new PrefixCheck(tokenizer.dir);
  }

  /** The row of a reply by this target's template, after every check. */
  async row(record: TeacherRecord): Promise<SftRow> {
    const thinks = hasThought(this.format);
    if (thinks && record.thought === null) {
      return { reason: "no_thought", detail: "the record has no thought" };
    }
    const parts = { thought: record.thought, answer: record.response };
    const fault = faultOf(this.format, parts);
    if (fault !== null) return { reason: fault, detail: `as ${this.format}` };
    const turn = renderReply(this.format, parts);
    const history = record.messages.map((message) =>
      message.role === "assistant" ? this.form.turn(message.content) : message
    );
    const messages = [...history, this.form.turn(turn)];
    const { template, name } = this.tokenizer;
    const { variables } = this.form;
    const text = template.render(messages, { addGenerationPrompt: false, variables });
    if (thinks) {
      const thought = pythonStrip(record.thought!);
      const prompt = record.messages.map((message) => message.content).join("\n");
      const fault = thoughtFault(text, { thought, turn, prompt }, () => {
        const content = renderReply(this.format, { ...parts, thought: PROBE_THOUGHT });
        return template.render([...history, this.form.turn(content)], {
          addGenerationPrompt: false,
          variables,
        });
      });
      if (fault !== null) return { reason: fault, detail: `the chat template of ${name}` };
    }
    if (this.#compat === undefined) {
      const prompt = template.render(history, { addGenerationPrompt: true, variables });
      if (!await this.#prefix.holds(prompt, text)) {
        return {
          reason: "prompt_not_prefix",
          detail: `by the chat template of ${name}, the prompt's tokens do not begin the whole's`,
        };
      }
    }
    return { reason: null, turn, messages, text };
  }

  /** Opens the dataset's files under a folder. */
  open(
    root: string,
    options: { saveToDisk: boolean; export: readonly ExportTarget[] },
    extra: ExtraColumns,
  ): void {
    const folder = join(root, this.folder);
    const { messages, columns: switches } = this.form;
    const config = (name: string, columns: Columns) =>
      new ConfigWriter(
        folder,
        { name, columns: { ...columns, ...switches, ...extra.columns(TAKEN) } },
        ["train"],
        options.saveToDisk,
      );
    this.#export = new DatasetExport(folder, "sft", options.export, ["train"]);
    this.#writers = [config(DEFAULT_CONFIG, { ...SFT_COLUMNS, messages })];
    if (this.#compat === undefined) {
      const columns = { ...PROMPT_COMPLETION_COLUMNS, prompt: messages, completion: messages };
      this.#writers.push(config(PROMPT_COMPLETION, columns));
    }
  }

  /** Writes a row, with the values of its kept columns. */
  async write(
    record: TeacherRecord,
    row: SftRow & { reason: null },
    extra: Record<string, Value>,
  ): Promise<void> {
    const { id, source } = record;
    const [main, completions] = this.#writers;
    const { text } = row;
    const messages = this.form.rows(row.messages);
    const rest = { ...this.form.values, ...extra };
    await main!.split(0).write({ id, source, messages, text, ...rest });
    const prompt = messages.slice(0, -1), completion = messages.slice(-1);
    await completions?.split(0).write({ id, source, prompt, completion, ...rest });
    this.#lengths.add(row.turn.length);
    this.#export!.add("train", { messages: row.messages });
  }

  async close(): Promise<Required<Pick<DatasetLeaf, "configs" | "files" | "plot">>> {
    const configs: DatasetConfig[] = [];
    for (const writer of this.#writers) configs.push(await writer.close());
    const svg = this.#lengths.svg("Lengths of the assistant turns", "characters");
    const plot = { caption: "Lengths of the assistant turns", svg };
    return { configs, files: this.#export!.close(), plot };
  }

  /** Lets go of open files after a failure. */
  abandon(): void {
    for (const writer of this.#writers) writer.abandon();
    this.#export?.abandon();
  }
}
