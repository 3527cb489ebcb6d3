/** From a scored record to its pairs, before the filters that look at more than one prompt. */
import { InputError } from "../../core/errors.ts";
import type { Extra, Format, ScoredRecord, Tools } from "../../core/records.ts";
import { hasThought } from "../../reply/format.ts";
import { candidatesOf } from "./candidates.ts";
import type { DpoReject, DpoSettings } from "./dpo_options.ts";
import { choosePairs, rlmtPair } from "./dpo_pairs.ts";
import type { Candidate, Pair } from "./pair_rules.ts";
import type { LengthLimit } from "../tokens/length_limit.ts";
import type { RowOutcome } from "../build/row_ids.ts";
import type { Rejection } from "../build/rejects_file.ts";
import type { ScoreScale } from "./score_scale.ts";

/** A pair that a person chose, as the replies' indices. */
export type PairByHand = { chosen: number; rejected: number };

/** What a record gave: pairs whose lengths may still have to be counted, or why there is none. */
export interface Choice extends RowOutcome<DpoReject> {
  source: string;
  tools?: Tools;
  extra?: Extra;
  pairs: readonly SizedPair[];
  /** The replies that could be paired. */
  candidates: readonly Candidate[];
}

/** A pair, and the texts of its sides that may be over the limit. */
export interface SizedPair extends Pair {
  toCount: string[];
}

/** Whether the lengths of a choice's pairs are not known yet. */
export function hasToCount({ pairs }: Choice): boolean {
  return pairs.some(({ toCount }) => toCount.length > 0);
}

/** Chooses pairs by the options of a build. */
export class PairMaker {
  readonly #options: DpoSettings;
  readonly #limit: LengthLimit;
  readonly #scale: ScoreScale;
  /** The reply format that is written: the option's, else that of the first record. */
  format: Format | undefined;
  /** Malformed replies so far. */
  malformed = 0;

  constructor(options: DpoSettings, limit: LengthLimit, scale: ScoreScale) {
    this.#options = options;
    this.#limit = limit;
    this.#scale = scale;
  }

  /** The record's pairs. Throws `InputError` where its format cannot be written as asked for. */
  choose(record: ScoredRecord, where: string, byHand: PairByHand | null = null): Choice {
    const { id, source, prompt, tools, extra } = record;
    const format = this.#formatOf(record, where), fault = this.#faultOf(record);
    const { compat, rejectMalformed } = this.#options;
    const how = { scale: this.#scale, compat, rejectMalformed };
    const candidates = fault === null ? candidatesOf(record, format, how) : [];
    const pairs = fault ?? this.#pairsOf(record, candidates, byHand);
    const place = { id, source, prompt, tools, extra, where, candidates };
    if (!Array.isArray(pairs)) return { ...place, pairs: [], rejection: pairs };
    try {
      const sized = pairs.map((pair) => ({ ...pair, toCount: this.#toCount(record, pair) }));
      return { ...place, pairs: sized, rejection: null };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const rejection = { reason: "template_error", detail: error.message } as const;
      return { ...place, pairs: [], rejection };
    }
  }

  /** The choices without the pairs that have a side of more tokens than the limit. */
  async settled(choices: readonly Choice[]): Promise<Choice[]> {
    const texts = choices.flatMap(({ pairs }) => pairs.flatMap(({ toCount }) => toCount));
    const long = await this.#limit.exceeding(texts);
    const detail = `more than ${this.#options.maxLength} tokens`;
    return choices.map((choice) => {
      const pairs = choice.pairs.filter(({ toCount }) => !toCount.some((text) => long.has(text)));
      const none = pairs.length === 0 ? { reason: "too_long", detail } as const : null;
      return { ...choice, pairs, rejection: choice.rejection ?? none };
    });
  }

  #toCount(record: ScoredRecord, { chosen, rejected }: Pair): string[] {
    const texts = [chosen, rejected].map(({ turn }) =>
      this.#limit.textToCount(record, turn, this.format!)
    );
    return texts.filter((text) => text !== null);
  }

  /** What keeps a record from having pairs, whatever its replies' scores. */
  #faultOf({ id, source, prompt, tools, responses }: ScoredRecord): Rejection<DpoReject> | null {
    const { compat } = this.#options;
    const texts = [id, source, ...prompt.map(({ content }) => content)];
    for (const { thought, answer } of responses) texts.push(thought ?? "", answer ?? "");
    if (!texts.every((text) => text.isWellFormed())) {
      return { reason: "invalid_unicode", detail: "half a surrogate pair" };
    }
    if (compat && (prompt.length !== 1 || prompt[0]!.role !== "user" || tools !== undefined)) {
      const detail = tools === undefined ? `${prompt.length} messages` : "it has tools";
      return { reason: "not_single_turn", detail };
    }
    return null;
  }

  #pairsOf(
    { id, responses }: ScoredRecord,
    candidates: readonly Candidate[],
    byHand: PairByHand | null,
  ): Pair[] | Rejection<DpoReject> {
    const { minResponses, compat, strategy } = this.#options;
    this.malformed += responses.filter((reply) => reply.malformed !== null).length;
    if (byHand !== null) return pairByHand(candidates, byHand);
    const scored = candidates.filter(({ score }) => score > -Infinity).length;
    if (scored < minResponses) {
      const detail = `${scored} of ${responses.length} replies are scored`;
      return { reason: "too_few_responses", detail };
    }
    if (compat) return [rlmtPair(candidates)];
    const { pairs, reason } = choosePairs(id, candidates, this.#options);
    return reason === null ? pairs : { reason, detail: `by ${strategy}` };
  }

  /** The format to write, checked against the record's own. */
  #formatOf(record: ScoredRecord, where: string): Format {
    const format = this.#options.format ?? this.format ?? record.format;
    const fits = this.#options.format === undefined
      ? record.format === format
      : hasThought(record.format) === hasThought(format);
    if (!fits) {
      throw new InputError(
        `${where}: format: the replies are ${record.format}, which cannot be written as ${format}`,
      );
    }
    return this.format = format;
  }
}

/** The pair that a person chose takes the place of the strategy's, whatever the scores. */
function pairByHand(
  candidates: readonly Candidate[],
  { chosen, rejected }: PairByHand,
): Pair[] | Rejection<"unusable_decision" | "same_text"> {
  const [good, bad] = [chosen, rejected].map((place) =>
    candidates.find(({ index }) => index === place)
  );
  if (good === undefined || good.score === -Infinity) return unusable(chosen, "chosen");
  if (bad === undefined) return unusable(rejected, "rejected");
  if (good.turn === bad.turn) return { reason: "same_text", detail: "decided by hand" };
  return [{ chosen: good, rejected: bad }];
}

function unusable(index: number, side: string): Rejection<"unusable_decision"> {
  return { reason: "unusable_decision", detail: `reply ${index} cannot be ${side}` };
}
