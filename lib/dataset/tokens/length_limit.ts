/** Whether a chat is too long for the trainer, in exact tokens, counted only where it may be. */
import type { Format, Message, Tools } from "../../core/records.ts";
import { needsJson } from "../../io/write/message_values.ts";
import type { RowForm } from "./row_form.ts";
import { TokenCounter, utf8Length } from "./token_counter.ts";
import type { TargetTokenizer } from "./tokenizer.ts";

/** What a limit goes by. */
interface LimitOptions {
  max: number;
  compat: "rlmt" | undefined;
  form: (format: Format) => RowForm;
}

/** A limit on the tokens of whole chats by a tokenizer's template. */
export class LengthLimit {
  readonly #tokenizer: TargetTokenizer;
  readonly #max: number;
  readonly #compat: "rlmt" | undefined;
  readonly #form: (format: Format) => RowForm;
  readonly #counter: TokenCounter;
  /** Characters of a template around an empty chat. */
  readonly #frame: number;
  /** Chats whose tokens were counted; the others were short enough by their bytes. */
  counted = 0;

  private constructor(
    tokenizer: TargetTokenizer,
    counter: TokenCounter,
    options: LimitOptions,
  ) {
    this.#tokenizer = tokenizer;
    this.#counter = counter;
    this.#max = options.max;
    this.#compat = options.compat;
    this.#form = options.form;
    const empty = [{ role: "user", content: "x" }, { role: "assistant", content: "x" }] as const;
    this.#frame = utf8Length(tokenizer.template.render(empty, { addGenerationPrompt: false }));
  }

  /**
   * A limit of `max` tokens. `compat: "rlmt"` counts as the public builder does, which adds special
   * tokens to a text that holds them already.
   */
  static async open(
    tokenizer: TargetTokenizer,
    options: LimitOptions,
  ): Promise<LengthLimit> {
    return new LengthLimit(tokenizer, await TokenCounter.open(tokenizer.dir), options);
  }

  /**
   * The chat's text where its tokens must be counted; null where it cannot exceed the limit. Throws
   * `InputError` where the template fails for it.
   */
  textToCount(
    { prompt, tools }: { prompt: readonly Message[]; tools?: Tools },
    turn: string,
    format: Format,
  ): string | null {
    // A template may frame every message and repeat a text once: below half, nothing is rendered.
    let bytes = utf8Length(turn);
    for (const { content, tool_calls } of prompt) {
      bytes += utf8Length(content);
      if (tool_calls !== undefined) bytes += utf8Length(JSON.stringify(tool_calls));
    }
    if (tools !== undefined) bytes += utf8Length(JSON.stringify(tools));
    const most = 2 * (bytes + this.#frame * (prompt.length + 1));
    // Whether a template knows of tools at all is seen by rendering.
    if (
      !needsJson({ messages: prompt, tools }) && most <= this.#max &&
      this.#counter.countsBytesAtMost
    ) return null;
    const { variables, message } = this.#form(format);
    const chat: Message[] = [...prompt, { role: "assistant", content: turn }];
    const text = this.#tokenizer.template.render(chat.map(message), {
      addGenerationPrompt: false,
      variables,
      tools,
    });
    return this.#counter.atMost(text) <= this.#max ? null : text;
  }

  /** Of texts to count, those that have more tokens than the limit. */
  async exceeding(texts: readonly string[]): Promise<Set<string>> {
    this.counted += texts.length;
    const counts = await this.#counter.counts(texts, this.#compat !== undefined);
    return new Set(texts.filter((_, index) => counts[index]! > this.#max));
  }
}
