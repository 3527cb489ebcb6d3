/** Whether a chat is too long for the trainer, in exact tokens, counted only where it may be. */
import type { Message } from "../core/records.ts";
import { TokenCounter, utf8Length } from "./token_counter.ts";
import type { TargetTokenizer } from "./tokenizer.ts";

/** A limit on the tokens of whole chats by a tokenizer's template. */
export class LengthLimit {
  readonly #tokenizer: TargetTokenizer;
  readonly #max: number;
  readonly #compat: "rlmt" | undefined;
  readonly #counter: TokenCounter;
  /** Characters of a template around an empty chat. */
  readonly #frame: number;

  /**
   * `compat: "rlmt"` counts as the public builder does, which adds special tokens to a text that
   * holds them already.
   */
  constructor(tokenizer: TargetTokenizer, max: number, compat: "rlmt" | undefined) {
    this.#tokenizer = tokenizer;
    this.#max = max;
    this.#compat = compat;
    this.#counter = new TokenCounter(tokenizer.dir);
    const empty = [{ role: "user", content: "x" }, { role: "assistant", content: "x" }] as const;
    this.#frame = utf8Length(tokenizer.template.render(empty, { addGenerationPrompt: false }));
  }

  /** Chats whose tokens were counted. */
  get counted(): number {
    return this.#counter.counted;
  }

  /** Whether prompt and turn together have more tokens than the limit. */
  async exceeds(prompt: readonly Message[], turn: string): Promise<boolean> {
    // A template may frame every message and repeat a text once: below half, nothing is rendered.
    let bytes = utf8Length(turn);
    for (const { content } of prompt) bytes += utf8Length(content);
    const most = 2 * (bytes + this.#frame * (prompt.length + 1));
    if (most <= this.#max && await this.#counter.countsBytesAtMost()) return false;
    const messages: Message[] = [...prompt, { role: "assistant", content: turn }];
    const text = this.#tokenizer.template.render(messages, { addGenerationPrompt: false });
    return await this.#counter.exceeds(text, this.#max, this.#compat !== undefined);
  }
}
