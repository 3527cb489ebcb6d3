/** Tokens in the loss by what they are. */
import { isCut } from "./cuts.ts";
import type { PlacedTurn, Span } from "./places.ts";
import type { Sequence } from "./sequence.ts";
import { tokensIn } from "./token_places.ts";
import type { TrainingTokenizer } from "./trainer.ts";

/** Tokens in the loss, by what they are. */
export interface PartTokens {
  /** Words of thoughts. */
  thought: number;
  /** Words of answers. */
  answer: number;
  /** Special tokens. */
  end: number;
  /** What else of an assistant's turn is learnt: tags, headers, white space. */
  tags: number;
  /** Words of the prompt, which should be none. */
  prompt: number;
}

export function noTokens(): PartTokens {
  return { thought: 0, answer: 0, end: 0, tags: 0, prompt: 0 };
}

/** Tokens in the loss by part; and of the prompt's, the first that is learnt, or null. */
export function tokensByPart(
  placed: readonly PlacedTurn[],
  from: number,
  sequence: Sequence,
  { special }: TrainingTokenizer,
): { tokens: PartTokens; prompt: string | null } {
  const { text, ids, starts, ends, learnt } = sequence;
  const tokens = noTokens();
  const kinds = new Array<"thought" | "answer" | "prompt" | undefined>(ids.length);
  for (const [index, turn] of placed.entries()) {
    const isPrompt = !turn.isAssistant || index < from;
    const mark = (span: Span | null, kind: "thought" | "answer" | "prompt") => {
      if (span !== null) { for (const at of tokensIn(sequence, span)) kinds[at] = kind; }
    };
    mark(turn.content, "prompt");
    mark(turn.thought, isPrompt ? "prompt" : "thought");
    mark(turn.answer, isPrompt ? "prompt" : "answer");
  }
  let prompt: string | null = null;
  for (let index = 0; index < ids.length; index++) {
    if (!learnt[index] || isCut(sequence, index)) continue;
    const kind = kinds[index];
    if (kind === "prompt" && !special.has(ids[index]!)) {
      prompt ??= JSON.stringify(text.slice(starts[index], ends[index] ? ends[index]! + 20 : 20));
    }
    tokens[kind ?? (special.has(ids[index]!) ? "end" : "tags")]++;
  }
  return { tokens, prompt };
}
