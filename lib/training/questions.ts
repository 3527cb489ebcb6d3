/** What is asked of every sequence that a trainer made: pure. */
import type { ChatMessage } from "../reply/turn_parts.ts";
import { cutDetail, isCut, keptLength } from "./cuts.ts";
import { beginFaults, endFaults } from "./edge_questions.ts";
import { noTokens, type PartTokens, tokensByPart } from "./part_tokens.ts";
import { placesOf } from "./places.ts";
import type { Fault } from "./rules.ts";
import type { Sequence } from "./sequence.ts";
import { turnFaults } from "./thought_questions.ts";
import type { Reading, TrainingTokenizer } from "./trainer.ts";

/** What a sequence came to. */
export interface Answers {
  faults: Fault[];
  tokens: PartTokens;
  /** Tokens that are in the sequence, learnt or not, after the cut. */
  length: number;
  /** Thoughts of turns that should be learnt, and those that are, whole and once. */
  thoughts: { data: number; learnt: number };
}

/**
 * Asks everything of one sequence. `turns` are the row's, of which those from `from` on are to be
 * learnt.
 */
export function questionsOf(
  sequence: Sequence,
  turns: readonly ChatMessage[],
  from: number,
  tokenizer: TrainingTokenizer,
  reading: Reading,
): Answers {
  const { text, ids, learnt } = sequence;
  const length = keptLength(sequence);
  const placed = placesOf(text, turns);
  const thoughts = { data: 0, learnt: 0 };
  const wanted = placed.filter((turn, index) => turn.isAssistant && index >= from);
  if (!learnt.some((isLearnt, index) => isLearnt && !isCut(sequence, index))) {
    thoughts.data = wanted.filter(({ parts }) => parts.thought !== null).length;
    const detail = length < ids.length
      ? `${ids.length} tokens, of which ${length} are kept`
      : "no token is learnt";
    const faults: Fault[] = [{ rule: "nothing_learnt", detail }];
    return { faults, tokens: noTokens(), length, thoughts };
  }
  const faults: Fault[] = [];
  for (const turn of wanted) {
    const own = turnFaults(turn, sequence, reading);
    faults.push(...own);
    if (turn.parts.thought === null) continue;
    thoughts.data++;
    const isLost = own.some(({ rule }) => THOUGHT_RULES.has(rule));
    if (!isLost && turn.thought !== null) thoughts.learnt++;
  }
  const last = wanted.at(-1);
  if (last !== undefined && last === placed.at(-1)) {
    faults.push(...endFaults(last, sequence, tokenizer));
  }
  const lastLearnt = learnt.findLastIndex((isLearnt, index) => isLearnt && !isCut(sequence, index));
  if (sequence.cuts.some(([at]) => at < lastLearnt)) {
    faults.push({ rule: "prompt_cut", detail: cutDetail(sequence) });
  }
  faults.push(...beginFaults(sequence, tokenizer));
  const { tokens, prompt } = tokensByPart(placed, from, sequence, tokenizer);
  if (prompt !== null) faults.push({ rule: "prompt_learnt", detail: prompt });
  return { faults, tokens, length, thoughts };
}

const THOUGHT_RULES: ReadonlySet<string> = new Set([
  "thought_not_learnt",
  "thought_twice",
  "thought_altered",
  "thought_cut",
]);
