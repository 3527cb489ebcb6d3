/** One SFT dataset of a build: a tokenizer and a variant, and how a teacher's reply becomes its row. */
import { InputError } from "../../core/errors.ts";
import type { Format, TeacherRecord, Variant } from "../../core/records.ts";
import { faultOf, hasThought, type PartFault, renderReply } from "../../reply/format.ts";
import { type ChatMessage, withThoughtInline } from "../../reply/turn_parts.ts";
import { pythonStrip } from "../../reply/python_strip.ts";
import type { Rejection } from "../build/rejects_file.ts";
import {
  PrefixCheck,
  PROBE_THOUGHT,
  type ThoughtFault,
  thoughtFault,
} from "../tokens/template_check.ts";
import { type Reasoning, type RowForm, rowForm } from "../tokens/row_form.ts";
import { formatFor, type TargetTokenizer } from "../tokens/tokenizer.ts";

/** A reply as a row. */
export interface SftRow {
  /** The assistant's turn, its thought in tags. */
  turn: string;
  messages: ChatMessage[];
  /** The chat by the target's template. */
  text: string;
}

/** Why a target cannot hold a reply. */
type TargetFault = PartFault | ThoughtFault | "no_thought" | "prompt_not_prefix" | "template_error";

/** Makes the rows of one dataset. */
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
  async row(record: TeacherRecord): Promise<SftRow | Rejection<TargetFault>> {
    try {
      return await this.#row(record);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { reason: "template_error", detail: error.message };
    }
  }

  async #row(record: TeacherRecord): Promise<SftRow | Rejection<TargetFault>> {
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
    return { turn, messages, text };
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
}

/** The parts that a format can break; a call of tools stands for an answer. */
function replyParts({ thought, response, tool_calls }: TeacherRecord) {
  const isCall = tool_calls !== undefined && pythonStrip(response) === "";
  return { thought, answer: isCall ? "calls" : response };
}
