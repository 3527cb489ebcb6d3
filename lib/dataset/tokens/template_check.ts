/** Whether a chat template keeps a reply as it is: its thought once, its prompt as a prefix. */
import { TextPieces } from "./text_pieces.ts";
import { TokenCounter } from "./token_counter.ts";

/** What a template did to a thought. */
export type ThoughtFault = "template_drops_thought" | "template_doubles_thought";

/** A thought that no text holds by chance. */
export const PROBE_THOUGHT = "thinkset-probe-4f1d2c9a";

/**
 * Whether the rendered text holds the thought exactly once, or what the template did to it. Where
 * the count is not as expected (the prompt or the template itself may use the thought's words),
 * `probe` decides: the same chat rendered with `PROBE_THOUGHT` in the thought's place.
 *
 * @example
 * ```ts
 * import { PROBE_THOUGHT, thoughtFault } from "./template_check.ts";
 * import assert from "node:assert/strict";
 *
 * const turn = "<think>\nI add.\n</think>\n\n4";
 * const keeps = (turn: string) => `User: 2 + 2?\n${turn}`;
 * const drops = (turn: string) => `User: 2 + 2?\n${turn.split("</think>\n\n")[1]}`;
 * const reply = { thought: "I add.", turn, prompt: "2 + 2?" };
 * const probe = turn.replace("I add.", PROBE_THOUGHT);
 * assert.equal(thoughtFault(keeps(turn), reply, () => keeps(probe)), null);
 * assert.equal(thoughtFault(drops(turn), reply, () => drops(probe)), "template_drops_thought");
 * ```
 */
export function thoughtFault(
  text: string,
  reply: { thought: string; turn: string; prompt: string },
  probe: () => string,
): ThoughtFault | null {
  // As a rule the turn stands in the text as it is, and what is around it is short.
  const at = text.indexOf(reply.turn);
  const around = at < 0 ? null : `${text.slice(0, at)}\n${text.slice(at + reply.turn.length)}`;
  const inPrompt = occurrences(reply.prompt, reply.thought);
  if (around !== null && occurrences(around, reply.thought) === inPrompt) return null;
  const expected = occurrences(reply.turn, reply.thought) + inPrompt;
  if (occurrences(text, reply.thought) === expected) return null;
  const found = occurrences(probe(), PROBE_THOUGHT);
  if (found === 1) return null;
  return found === 0 ? "template_drops_thought" : "template_doubles_thought";
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) count++;
  return count;
}

/** Characters on either side of the seam that decide whether a token spans it. */
const SEAM = 48;
const MAX_CACHED = 100_000;

/**
 * Checks that the tokens of a rendered prompt are a prefix of those of prompt and completion, so
 * that trainers learn the completion alone. The prompt must be a prefix as text; then only the
 * characters around the seam matter to the tokens, and the answer is kept for seams seen before.
 */
export class PrefixCheck {
  readonly #dir: string;
  readonly #pieces: TextPieces;
  readonly #seams = new Map<string, boolean>();
  #counter: TokenCounter | undefined;

  /** By the tokenizer of a folder. */
  constructor(dir: string) {
    this.#dir = dir;
    this.#pieces = new TextPieces(dir);
  }

  async holds(prompt: string, whole: string): Promise<boolean> {
    if (!whole.startsWith(prompt)) return false;
    const before = seamStart(prompt);
    const after = seamEnd(whole, prompt.length);
    const seam = `${before}\0${after}`;
    const known = this.#seams.get(seam);
    if (known !== undefined) return known;
    const holds = await this.#pieces.areApart(before, after) ||
      await this.#hasPrefix(before, after);
    if (this.#seams.size < MAX_CACHED) this.#seams.set(seam, holds);
    return holds;
  }

  async #hasPrefix(before: string, after: string): Promise<boolean> {
    const counter = this.#counter ??= await TokenCounter.open(this.#dir);
    const alone = await counter.ids(before);
    const joined = await counter.ids(before + after);
    return alone.every((id, index) => joined[index] === id);
  }
}

/**
 * The last word before the seam with the white space around it: no token reaches from beyond it
 * over the seam. In a template this is its own text, so that most rows share one seam.
 */
function seamStart(prompt: string): string {
  const near = prompt.slice(-SEAM), word = near.match(/\s*\S+/g)?.at(-1) ?? "";
  return word + near.slice(near.trimEnd().length);
}

/** White space after the seam and the word that follows it: no token reaches beyond. */
function seamEnd(whole: string, at: number): string {
  return /^\s{0,16}\S{0,8}/.exec(whole.slice(at, at + SEAM))![0];
}
