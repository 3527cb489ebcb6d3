/** What is asked of every sequence that a trainer made: pure. */
import { bareText, type ChatMessage, knowsThoughtTags, thoughtTags } from "../reply/turn_parts.ts";
import { countIn, type PlacedTurn, placesOf, type Span } from "./places.ts";
import type { Fault } from "./rules.ts";
import type { Sequence } from "./sequence.ts";
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

/** What a sequence came to. */
export interface Answers {
  faults: Fault[];
  tokens: PartTokens;
  /** Tokens that are in the sequence, learnt or not, after the cut. */
  length: number;
  /** Thoughts of turns that should be learnt, and those that are, whole and once. */
  thoughts: { data: number; learnt: number };
}

/** A thought of fewer characters is met by chance: it is not counted twice. */
const LONG_ENOUGH = 12;

/**
 * Asks everything of one sequence. `turns` are the row's, of which those from `from` on are to be
 * learnt; `inKeys` are the message keys that the template renders.
 */
export function questionsOf(
  sequence: Sequence,
  turns: readonly ChatMessage[],
  from: number,
  tokenizer: TrainingTokenizer,
  inKeys: ReadonlySet<string>,
): Answers {
  const { text, ids, learnt, kept } = sequence;
  const placed = placesOf(text, turns);
  const faults: Fault[] = [];
  const thoughts = { data: 0, learnt: 0 };
  const wanted = placed.filter((turn, index) => turn.isAssistant && index >= from);
  if (!learnt.slice(0, kept).includes(true)) {
    thoughts.data = wanted.filter(({ parts }) => parts.thought !== null).length;
    const detail = kept < ids.length
      ? `${ids.length} tokens, of which ${kept} are kept`
      : "no token is learnt";
    const tokens: PartTokens = { thought: 0, answer: 0, end: 0, tags: 0, prompt: 0 };
    return { faults: [{ rule: "nothing_learnt", detail }], tokens, length: kept, thoughts };
  }
  for (const turn of wanted) {
    const own = ofTurn(turn, sequence, tokenizer, inKeys);
    faults.push(...own);
    if (turn.parts.thought === null) continue;
    thoughts.data++;
    const isLost = own.some(({ rule }) => THOUGHT_RULES.has(rule));
    if (!isLost && turn.thought !== null) thoughts.learnt++;
  }
  const last = wanted.at(-1);
  if (last !== undefined && last === placed.at(-1)) {
    faults.push(...endOf(last, sequence, tokenizer));
  }
  faults.push(...beginOf(sequence, tokenizer));
  const { tokens, prompt } = tokensByPart(placed, from, sequence, tokenizer);
  if (prompt !== null) faults.push({ rule: "prompt_learnt", detail: prompt });
  return { faults, tokens, length: kept, thoughts };
}

const THOUGHT_RULES: ReadonlySet<string> = new Set([
  "thought_not_learnt",
  "thought_twice",
  "thought_altered",
  "thought_cut",
]);

function ofTurn(
  turn: PlacedTurn,
  sequence: Sequence,
  { template }: TrainingTokenizer,
  inKeys: ReadonlySet<string>,
): Fault[] {
  const { text } = sequence;
  const { thought, answer, key } = turn.parts;
  const faults: Fault[] = [];
  if (answer !== null) {
    const state = turn.answer === null ? "absent" : stateOf(sequence, turn.answer);
    if (state === "cut") {
      faults.push({ rule: "answer_cut", detail: cutDetail(sequence) });
    } else if (state !== "learnt") {
      faults.push({ rule: "answer_not_learnt", detail: WORDS[state] });
    }
  }
  if (thought === null) {
    faults.push(...withoutThought(turn, sequence));
    return faults;
  }
  if (key === "inline" && !knowsThoughtTags(template.text) && inKeys.size > 0) {
    const keys = [...inKeys].join(", ");
    faults.push({
      rule: "literal_tag",
      detail: `the template knows no tags; it renders a thought in ${keys}`,
    });
  }
  const isCopied = key !== null && key !== "inline" && !inKeys.has(key);
  if (turn.thought !== null && isCopied) {
    faults.push({
      rule: "wrong_key",
      detail: `it stands in ${key}, which the template does not render: this trainer's ` +
        `transformers copies it, earlier ones and servers do not`,
    });
  }
  if (turn.thought === null) {
    faults.push(missingThought(thought, key, text.slice(...turn.region), inKeys));
    return faults;
  }
  const state = stateOf(sequence, turn.thought);
  if (state === "cut") faults.push({ rule: "thought_cut", detail: cutDetail(sequence) });
  else if (state !== "learnt") faults.push({ rule: "thought_not_learnt", detail: WORDS[state] });
  else if (thought.length >= LONG_ENOUGH) {
    const count = countIn(text, thought, turn.region, turn.answer);
    const inThought = countIn(thought, thought, [0, thought.length], null);
    if (count > inThought) {
      faults.push({ rule: "thought_twice", detail: `${count} times in the turn` });
    }
  }
  return faults;
}

const WORDS = {
  absent: "the trainer's text does not hold it",
  masked: "it is in the text, but not in the loss",
  partly: "only a part of it is in the loss",
} as const;

/** Whether the tokens of a span are in the loss. A token that reaches into it belongs to it. */
function stateOf(
  sequence: Sequence,
  [from, to]: Span,
): "learnt" | "masked" | "partly" | "cut" {
  const { learnt, kept } = sequence;
  let yes = 0, all = 0, cut = false;
  for (const index of tokensIn(sequence, [from, to])) {
    all++;
    if (index >= kept) cut = true;
    if (learnt[index]) yes++;
  }
  // The first token may hold the end of what stands before it.
  if (yes < all - 1 || yes === 0) return yes === 0 ? "masked" : "partly";
  return cut ? "cut" : yes === all ? "learnt" : "partly";
}

function* tokensIn({ starts, ends }: Sequence, [from, to]: Span): Generator<number> {
  let index = firstAt(starts, from);
  while (index > 0 && ends[index - 1]! > from) index--;
  for (; index < starts.length && starts[index]! < to; index++) {
    if (ends[index]! > from) yield index;
  }
}

/** The first token that begins at a place or after it. */
function firstAt(starts: readonly number[], place: number): number {
  let low = 0, high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cutDetail({ ids, kept }: Sequence): string {
  return `${ids.length} tokens, cut to ${kept}`;
}

/** A thought that the text does not hold as it stands in the row. */
function missingThought(
  thought: string,
  key: string | null,
  text: string,
  inKeys: ReadonlySet<string>,
): Fault {
  const keys = inKeys.size === 0 ? "no key of a message" : [...inKeys].join(", ");
  const bare = bareText(text);
  if (bare.includes(bareText(thought))) {
    return { rule: "thought_altered", detail: "other white space than in the row" };
  }
  const [head, tail] = [thought.slice(0, 40), thought.slice(-40)];
  if (thought.length > 80 && (text.includes(head) || text.includes(tail))) {
    return { rule: "thought_altered", detail: "only a part of it stands there as in the row" };
  }
  if (key !== null && key !== "inline" && !inKeys.has(key)) {
    return { rule: "wrong_key", detail: `it stands in ${key}; the template renders ${keys}` };
  }
  return { rule: "thought_not_learnt", detail: WORDS.absent };
}

/** What a turn without a thought teaches of thinking. */
function withoutThought({ region, answer }: PlacedTurn, sequence: Sequence): Fault[] {
  const { text, learnt } = sequence;
  const before: Span = [region[0], answer?.[0] ?? region[1]];
  let masked = "", taught = "";
  for (const index of tokensIn(sequence, before)) {
    const piece = text.slice(sequence.starts[index], sequence.ends[index]);
    if (learnt[index]) taught += piece;
    else masked += piece;
  }
  const was = thoughtTags(masked), is = thoughtTags(taught);
  if (is === "both") return [{ rule: "empty_thought", detail: "opened and closed in the loss" }];
  if (is === "closes") {
    return [{ rule: "closes_thought", detail: "a thought that the prompt has opened" }];
  }
  if (was === "opens" && is === "none") {
    return [{ rule: "inside_thought", detail: "the prompt ends in an open thought" }];
  }
  return [];
}

/** Whether the turn ends with a token that is learnt and that ends replies. */
function endOf(
  { answer, thought, region }: PlacedTurn,
  sequence: Sequence,
  { special, ends, eos }: TrainingTokenizer,
): Fault[] {
  const { ids, learnt, kept, starts } = sequence;
  const from = answer?.[1] ?? thought?.[1] ?? region[0];
  const after: number[] = [];
  for (let index = firstAt(starts, from); index < ids.length; index++) {
    if (special.has(ids[index]!)) after.push(index);
  }
  const [first] = after;
  if (first === undefined) return [{ rule: "end_missing", detail: "no special token after it" }];
  if (!learnt[first]) return [{ rule: "end_not_learnt", detail: "masked" }];
  if (first >= kept) {
    const cut = firstAt(starts, from) < kept || sequence.ends[kept - 1]! >= from;
    return cut ? [{ rule: "end_not_learnt", detail: cutDetail(sequence) }] : [];
  }
  if (eos !== null && !ends.has(ids[first]!)) {
    const name = sequence.text.slice(starts[first], sequence.ends[first]);
    return [{ rule: "end_not_eos", detail: `${name} ends the turn` }];
  }
  const learntEnds = after.filter((index) => ends.has(ids[index]!) && learnt[index]);
  if (learntEnds.length > 1) {
    return [{ rule: "end_twice", detail: `${learntEnds.length} tokens that end it` }];
  }
  return [];
}

function beginOf({ ids }: Sequence, { bos, eos, addsBos }: TrainingTokenizer): Fault[] {
  // Where BOS and EOS are one token, as in some of Qwen's folders, it is no BOS.
  if (bos === null || bos === eos) return [];
  let count = 0;
  while (ids[count] === bos) count++;
  if (count > 1) return [{ rule: "two_bos", detail: `${count} at the beginning` }];
  if (count === 0 && addsBos) return [{ rule: "no_bos", detail: "the template writes none" }];
  return [];
}

/** Tokens in the loss by part; and of the prompt's, the first that is learnt, or null. */
function tokensByPart(
  placed: readonly PlacedTurn[],
  from: number,
  sequence: Sequence,
  { special }: TrainingTokenizer,
): { tokens: PartTokens; prompt: string | null } {
  const { text, ids, starts, ends, learnt, kept } = sequence;
  const tokens: PartTokens = { thought: 0, answer: 0, end: 0, tags: 0, prompt: 0 };
  const kinds = new Map<number, "thought" | "answer" | "prompt">();
  for (const [index, turn] of placed.entries()) {
    const isPrompt = !turn.isAssistant || index < from;
    const mark = (span: Span | null, kind: "thought" | "answer" | "prompt") => {
      if (span !== null) { for (const at of tokensIn(sequence, span)) kinds.set(at, kind); }
    };
    mark(turn.content, "prompt");
    mark(turn.thought, isPrompt ? "prompt" : "thought");
    mark(turn.answer, isPrompt ? "prompt" : "answer");
  }
  let prompt: string | null = null;
  for (let index = 0; index < kept; index++) {
    if (!learnt[index]) continue;
    const kind = kinds.get(index);
    if (kind === "prompt" && !special.has(ids[index]!)) {
      prompt ??= JSON.stringify(text.slice(starts[index], ends[index] ? ends[index]! + 20 : 20));
    }
    tokens[kind ?? (special.has(ids[index]!) ? "end" : "tags")]++;
  }
  return { tokens, prompt };
}

/** Faults of a pair as such. */
export function pairFaults(chosen: Sequence, rejected: Sequence): Fault[] {
  const learntOf = ({ ids, learnt }: Sequence, to: number) =>
    ids.slice(0, to).filter((_, index) => learnt[index]).join();
  if (learntOf(chosen, chosen.ids.length) === learntOf(rejected, rejected.ids.length)) {
    return [{ rule: "sides_equal", detail: "the pair teaches nothing" }];
  }
  if (learntOf(chosen, chosen.kept) === learntOf(rejected, rejected.kept)) {
    return [{ rule: "sides_equal_cut", detail: cutDetail(chosen) }];
  }
  const bare = ({ text, learnt, starts }: Sequence) =>
    bareText(text.slice(starts[learnt.indexOf(true)] ?? text.length));
  if (bare(chosen) === bare(rejected)) {
    return [{ rule: "sides_differ_in_form", detail: "the words are the same" }];
  }
  return [];
}
