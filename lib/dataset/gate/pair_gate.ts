/** Looks at the pairs of a dataset for what a trainer would learn beside a preference. */
import { percent } from "../../core/percent.ts";
import type { Message } from "../../core/records.ts";
import { sameButForm } from "../../reply/same_but_form.ts";
import { partsOfTurn } from "../../reply/turn_parts.ts";
import { FrequentTexts } from "../filter/frequent_texts.ts";
import { jaccard, NEAR_SIMILARITY } from "../filter/near_duplicates.ts";
import { PASSAGE_WORDS, Passages } from "../filter/passages.ts";
import { type Finding, type FoundRow, share } from "./finding.ts";
import type { GateName } from "./gate_options.ts";
import { LengthEffect } from "./length_effect.ts";
import { ReplyPatterns } from "./reply_patterns.ts";
import { SplitDuplicates } from "./split_duplicates.ts";

/** A pair's texts. */
export interface LookedAt {
  id: string;
  source: string;
  prompt: readonly Message[];
  /** The assistant's turns. */
  chosen: string;
  rejected: string;
}

/**
 * What goes by words takes longer than the build. Where nobody asked for it, it is looked at in the
 * pairs of so many characters, and in every so many of the others.
 */
const SAMPLE = { characters: 500_000, every: 256 };
/** Fewer pairs are too few to say that something stands out. */
const FEW = 20;

/** What is found pair by pair, from which share on it stands out, and how it is said. */
const ONE_BY_ONE = {
  form: { standsOut: 0, words: "differ in form alone" },
  near: { standsOut: 0.02, words: "have sides that are nearly equal" },
  copied: {
    standsOut: 0.1,
    words: `have an answer that copies ${PASSAGE_WORDS} words of the prompt`,
  },
};
type OneByOne = keyof typeof ONE_BY_ONE;

/** Takes pairs in input order, then prompts in the order in which they are split. */
export class PairGate {
  readonly #limits: Partial<Record<GateName, number>>;
  readonly #lengths = new LengthEffect();
  readonly #sources = new FrequentTexts();
  readonly #patterns = new ReplyPatterns();
  readonly #duplicates = new SplitDuplicates();
  readonly #found: Record<OneByOne, FoundRow[]> = { form: [], near: [], copied: [] };
  /** Pairs that were looked at, by what they were looked at for. */
  readonly #looked = { form: 0, near: 0, copied: 0, pattern: 0 };
  #characters = 0;

  /** @param limits what is asked for, by name: all pairs are then looked at. */
  constructor(limits: Partial<Record<GateName, number>>) {
    this.#limits = limits;
  }

  /** Looks at a pair that is kept. */
  add(pair: LookedAt): void {
    const { id, source, chosen, rejected } = pair;
    const differs = !sameButForm(chosen, rejected);
    this.#looked.form++;
    if (!differs) this.#add("form", id, "the words are the same");
    if (this.#looksAt("near") && differs) this.#compare(pair);
    if (this.#looksAt("copied")) this.#findCopied(pair);
    if (this.#looksAt("pattern")) this.#patterns.add(id, answerOf(chosen), answerOf(rejected));
    this.#lengths.add(id, chosen.length, rejected.length);
    this.#sources.add(source, id);
    this.#characters += chosen.length + rejected.length;
  }

  #add(gate: OneByOne, id: string, detail: string): void {
    this.#found[gate].push({ gate, id, detail });
  }

  #compare({ id, chosen, rejected }: LookedAt): void {
    const similarity = jaccard(chosen, rejected);
    if (similarity >= NEAR_SIMILARITY) this.#add("near", id, `similarity ${similarity.toFixed(2)}`);
  }

  #findCopied({ id, prompt, chosen, rejected }: LookedAt): void {
    const passages = new Passages();
    passages.add(prompt.map(({ content }) => content), id);
    const copied = passages.find(answerOf(chosen)) ?? passages.find(answerOf(rejected));
    if (copied !== null) this.#add("copied", id, copied.passage);
  }

  /** Looks at a prompt where it stands in the split: train comes first, a prompt's rows together. */
  place({ id, text }: { id: string; text: string }, split: string): void {
    this.#duplicates.add(id, text, split);
  }

  /** All that was measured. */
  findings(): Finding[] {
    return [
      this.#lengths.finding(FEW),
      this.#finding("form"),
      this.#finding("near"),
      this.#sourceFinding(),
      this.#patterns.finding(FEW),
      this.#finding("copied"),
      ...(this.#limits.duplicates === undefined ? [] : [this.#duplicates.finding()]),
    ];
  }

  /** Counts the pair where it is looked at. */
  #looksAt(gate: "near" | "copied" | "pattern"): boolean {
    const looks = this.#limits[gate] !== undefined || this.#characters < SAMPLE.characters ||
      this.#sources.all % SAMPLE.every === 0;
    if (looks) this.#looked[gate]++;
    return looks;
  }

  #finding(gate: OneByOne): Finding {
    const rows = this.#found[gate], looked = this.#looked[gate];
    const value = share(rows.length, looked), { words, standsOut } = ONE_BY_ONE[gate];
    const of = `${rows.length} of ${looked}${looked < this.#sources.all ? " looked at" : " pairs"}`;
    return { gate, value, words: `${of} ${words}`, standsOut: value > standsOut, rows };
  }

  #sourceFinding(): Finding {
    const { all } = this.#sources, { text, count, ids } = this.#sources.most();
    const value = share(count, all);
    return {
      gate: "source",
      value,
      words: `${percent(value)} of pairs are of the source ${JSON.stringify(text)}`,
      // Of a set that has one source this is no news.
      standsOut: all >= FEW && value > 0.9 && value < 1,
      rows: ids.map((id) => ({ gate: "source", id, detail: text })),
    };
  }
}

function answerOf(turn: string): string {
  return partsOfTurn({ role: "assistant", content: turn }).answer ?? "";
}
