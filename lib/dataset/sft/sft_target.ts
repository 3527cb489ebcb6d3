/** One SFT dataset of a build: a tokenizer and a variant, and how a teacher's reply becomes a row. */
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import type { Format, TeacherRecord, Variant } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/columns.ts";
import type { ExtraColumns } from "../../io/extra_columns.ts";
import { faultOf, hasThought, type PartFault, renderReply } from "../../reply/format.ts";
import { type ChatMessage, withThoughtInline } from "../../reply/turn_parts.ts";
import { pythonStrip } from "../../reply/python_strip.ts";
import { CardPlot } from "../build/card_plot.ts";
import type { DatasetLeaf } from "../build/dataset_leaf.ts";
import { ConfigWriter, type DatasetConfig, DEFAULT_CONFIG } from "../build/dataset_config.ts";
import { DatasetExport } from "../export/dataset_export.ts";
import type { ExportName } from "../export/export_targets.ts";
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
  "tools",
  "chat_template_kwargs",
  "enable_thinking",
];

/** A row that is ready to be written, or why there is none. */
export type SftRow =
  | { reason: null; turn: string; messages: ChatMessage[]; text: string }
  | Rejection<PartFault | ThoughtFault | "no_thought" | "prompt_not_prefix" | "template_error">;

/** What of a build's options its rows go by. */
export interface SftTargetOptions {
  compat?: "rlmt";
  reasoning: Reasoning;
}

/** Makes and writes the rows of one dataset. */
export class SftTarget {
  readonly tokenizer: TargetTokenizer;
  readonly variant: Variant;
  readonly format: Format;
  /** Where the dataset stands under OUT; `""` is OUT itself. */
  readonly folder: string;
  /** Where its thoughts stand, and which switches of the template its rows name. */
  form: RowForm;
  readonly #compat: "rlmt" | undefined;
  readonly #prefix: PrefixCheck;
  #writers: ConfigWriter[] = [];
  #export: DatasetExport | undefined;
  #lengths = new CardPlot();

  constructor(
    tokenizer: TargetTokenizer,
    variant: Variant,
    folder: string,
    options: SftTargetOptions,
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
    try {
      return await this.#row(record);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { reason: "template_error", detail: error.message };
    }
  }

  async #row(record: TeacherRecord): Promise<SftRow> {
    const thinks = hasThought(this.format);
    if (thinks && record.thought === null) {
      return { reason: "no_thought", detail: "the record has no thought" };
    }
    const fault = faultOf(this.format, replyParts(record));
    if (fault !== null) return { reason: fault, detail: `as ${this.format}` };
    const turn = this.#turn(record, record.thought);
    const history = record.messages.map(this.form.message);
    const messages = [...history, this.#reply(record, turn)];
    const { template, name } = this.tokenizer;
    const { variables } = this.form, { tools } = record;
    const whole = { addGenerationPrompt: false, variables, tools };
    const text = template.render(messages, whole);
    if (thinks) {
      const thought = pythonStrip(record.thought!);
      const prompt = record.messages.map((message) => message.content).join("\n");
      const fault = thoughtFault(text, { thought, turn, prompt }, () => {
        const probe = this.#reply(record, this.#turn(record, PROBE_THOUGHT));
        return template.render([...history, probe], whole);
      });
      if (fault !== null) return { reason: fault, detail: `the chat template of ${name}` };
    }
    if (this.#compat === undefined) {
      const prompt = template.render(history, { ...whole, addGenerationPrompt: true });
      if (!await this.#prefix.holds(prompt, text)) {
        return {
          reason: "prompt_not_prefix",
          detail: `by the chat template of ${name}, the prompt's tokens do not begin the whole's`,
        };
      }
    }
    return { reason: null, turn, messages, text };
  }

  /** The reply as the text of a turn; one that calls tools may have no answer. */
  #turn({ response, tool_calls }: TeacherRecord, thought: string | null): string {
    if (tool_calls === undefined || pythonStrip(response) !== "") {
      return renderReply(this.format, { thought, answer: response });
    }
    return hasThought(this.format) ? withThoughtInline({ thinking: thought }, "") : "";
  }

  #reply({ tool_calls }: TeacherRecord, content: string): ChatMessage {
    const calls = tool_calls === undefined ? {} : { tool_calls };
    return this.form.message({ role: "assistant", content, ...calls });
  }

  /** Opens the dataset's files under a folder; `json` where turns are written as JSON. */
  open(
    root: string,
    options: SftTargetOptions & { saveToDisk: boolean; export: readonly ExportName[] },
    extra: ExtraColumns,
    turns: { json: boolean },
  ): void {
    this.form = rowForm(this.tokenizer, this.format, options, turns);
    this.#lengths = new CardPlot();
    const folder = join(root, this.folder);
    const { messages, columns: switches } = this.form;
    const config = (name: string, columns: Columns) =>
      new ConfigWriter(
        folder,
        { name, columns: { ...columns, ...switches, ...extra.columns(TAKEN) } },
        ["train"],
        options.saveToDisk,
      );
    const { export: targets } = options;
    this.#export = new DatasetExport(folder, "sft", { targets, form: this.form }, ["train"]);
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
    const rest = { ...this.form.values(record.tools), ...extra };
    await main!.split(0).write({ id, source, messages, text, ...rest });
    const prompt = messages.slice(0, -1), completion = messages.slice(-1);
    await completions?.split(0).write({ id, source, prompt, completion, ...rest });
    this.#lengths.add(row.turn.length);
    const { messages: asked, tools, tool_calls } = record;
    const reply = {
      role: "assistant" as const,
      content: row.turn,
      ...(tool_calls && { tool_calls }),
    };
    this.#export!.addChat("train", { prompt: asked, reply, tools });
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

/** The parts that a format can break; a call of tools stands for an answer. */
function replyParts({ thought, response, tool_calls }: TeacherRecord) {
  const isCall = tool_calls !== undefined && pythonStrip(response) === "";
  return { thought, answer: isCall ? "calls" : response };
}
