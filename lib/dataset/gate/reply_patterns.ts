/** Whether the chosen answers of pairs begin or end alike. */
import { percent } from "../../core/percent.ts";
import { FrequentTexts } from "../filter/frequent_texts.ts";
import { wordsOf } from "../filter/words.ts";
import { type Finding, share } from "./finding.ts";

/** Words by which an answer begins or ends. */
const WORDS = 4;
/** Characters in which they are looked for. */
const WITHIN = 160;

/** From this share on a pattern stands out, where it is twice as frequent as on the other side. */
const STANDS_OUT = 0.25;

/** What both sides begin or end with. */
class Place {
  readonly chosen = new FrequentTexts();
  readonly rejected = new FrequentTexts();

  constructor(readonly verb: "begin" | "end", readonly wordsAt: (answer: string) => string[]) {}

  add(id: string, chosen: string, rejected: string): void {
    for (const [texts, answer] of [[this.chosen, chosen], [this.rejected, rejected]] as const) {
      const words = this.wordsAt(answer);
      // An answer of signs alone begins with no word.
      if (words.length > 0) texts.add(words.join(" "), id);
    }
  }
}

/** Takes the answers of pairs. */
export class ReplyPatterns {
  readonly #places = [
    new Place("begin", (answer) => wordsOf(answer.slice(0, WITHIN)).slice(0, WORDS)),
    new Place("end", (answer) => wordsOf(answer.slice(-WITHIN)).slice(-WORDS)),
  ];

  add(id: string, chosen: string, rejected: string): void {
    for (const place of this.#places) place.add(id, chosen, rejected);
  }

  /** The most frequent of all patterns of the chosen side, set beside the rejected side's share. */
  finding(few: number): Finding {
    const [{ verb, chosen, rejected }] = this.#places.toSorted((a, b) =>
      b.chosen.most().count - a.chosen.most().count
    ) as [Place];
    const { text, count, ids } = chosen.most();
    const value = share(count, chosen.all), other = share(rejected.count(text), rejected.all);
    return {
      gate: "pattern",
      value,
      words: `${percent(value)} of chosen answers ${verb} with ${JSON.stringify(text)} (${
        percent(other)
      } of rejected ones)`,
      standsOut: chosen.all >= few && value > STANDS_OUT && value > 2 * other,
      rows: ids.map((id) => ({ gate: "pattern", id, detail: `${verb}s with ${text}` })),
    };
  }
}
