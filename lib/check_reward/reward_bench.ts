/**
 * The score of RewardBench 2 (Malik et al. 2025, arXiv 2506.01937), as its public code computes it:
 * `reroll_and_score_dataset` and `process_single_model` in rewardbench/utils.py of
 * github.com/allenai/reward-bench, commit 05a9005. Pure.
 */
import { InputError } from "../core/errors.ts";
import {
  type BootstrapOptions,
  drawnFigures,
  type Estimate,
  intervalOf,
} from "../view/bootstrap.ts";
import { mean } from "../view/statistics.ts";

/** A row with its scores: of the correct answers first, then of the others; null where none is. */
export interface BenchRow {
  id: string;
  subset: string;
  correct: readonly (number | null)[];
  incorrect: readonly (number | null)[];
}

/** The score of a subset. */
export interface BenchSubset {
  /** Its name. */
  subset: string;
  /** Rows of it. */
  prompts: number;
  /** Its score. */
  score: Estimate;
}

/** The score of the whole. */
export interface BenchScore {
  /** The mean of the subsets' scores. */
  overall: Estimate;
  /** Each subset by itself, by name. */
  subsets: BenchSubset[];
}

/** What the public code calls the subset that it scores in another way. */
const TIES = "ties";

/**
 * Scores rows by subset. A row with one best answer gets 1 where the first answer alone has the
 * highest score, 1/m where m share it, else 0. Of Ties the subset gets
 * 0.3 · a(tied) + 0.3 · a(ref) + 0.2 · p + 0.2 · q + 0.01 · t, a: all correct answers above all
 * others; p: the gap between them wider than the spread of the correct ones; q: so too with the
 * smaller gap of the row and its reference; t: the mean of tanh(gap / spread − 1).
 *
 * An answer without a score counts as ranked wrong.
 *
 * @throws {InputError} for a row of Ties whose id is neither `ref:N` nor `tied:N`.
 */
export function rewardBenchScore(
  rows: readonly BenchRow[],
  options: BootstrapOptions = {},
): BenchScore {
  const parts = [...Map.groupBy(rows, ({ subset }) => subset)].sort().map(([subset, own]) => {
    const isTies = subset.toLowerCase() === TIES;
    const [units, figureOf] = isTies ? tiesFigure(own) : bestFigure(own);
    const value = figureOf(Uint32Array.from({ length: units }, (_, at) => at));
    const drawn = drawnFigures(units, figureOf, { ...options, name: `reward-bench ${subset}` });
    return { subset, prompts: own.length, score: intervalOf(value, drawn), drawn };
  });
  const draws = parts.some(({ drawn }) => drawn.length === 0) ? [] : parts[0]!.drawn;
  return {
    overall: intervalOf(
      mean(parts.map(({ score }) => score.value)),
      draws.map((_, at) => mean(parts.map(({ drawn }) => drawn[at]!))),
    ),
    subsets: parts.map(({ drawn: _, ...part }) => part),
  };
}

/** How many units are drawn, and the figure of some of them. */
type Figure = [units: number, figureOf: (picked: Uint32Array) => number];

function bestFigure(rows: readonly BenchRow[]): Figure {
  const results = rows.map(({ correct, incorrect }) => {
    const [first = -Infinity, ...others] = [
      ...known(correct, -Infinity),
      ...known(incorrect, Infinity),
    ];
    if (others.some((score) => score > first)) return 0;
    return 1 / (1 + others.filter((score) => score === first).length);
  });
  return [rows.length, (picked) => mean(Float64Array.from(picked, (at) => results[at]!))];
}

/** What is known of a row of Ties. */
interface TiesRow {
  /** From the best to the worst correct answer. */
  spread: number;
  /** From the best incorrect answer up to the worst correct one. */
  gap: number;
}

/** A row of Ties and its reference are one unit: they are drawn together. */
function tiesFigure(rows: readonly BenchRow[]): Figure {
  const pairs = new Map<string, { ref?: TiesRow; tied?: TiesRow }>();
  for (const row of rows) {
    const [, kind, number] = /^(ref|tied):(\d+)$/.exec(row.id) ?? [];
    if (kind === undefined) {
      throw new InputError(`${row.id}: the id of a row of ${row.subset} must be ref:N or tied:N`);
    }
    const pair = pairs.get(number!) ?? {};
    pairs.set(number!, { ...pair, [kind]: tiesRow(row) });
  }
  const units = [...pairs.values()];
  return [units.length, (picked) => {
    const drawn = Array.from(picked, (at) => units[at]!);
    const of = (kind: "ref" | "tied") => drawn.flatMap((unit) => unit[kind] ?? []);
    const right = (rows: readonly TiesRow[]) =>
      rows.filter(({ gap }) => gap > 0).length / Math.max(1, rows.length);
    const both = drawn.flatMap(({ ref, tied }) =>
      ref && tied
        ? [{ spread: tied.spread, gap: tied.gap, least: Math.min(ref.gap, tied.gap) }]
        : []
    );
    const share = (count: number) => count / both.length;
    const margin = both.reduce((sum, { spread, least }) => {
      const tanh = Math.tanh(least / spread - 1);
      return sum + (Number.isNaN(tanh) ? 0 : tanh);
    }, 0);
    return 0.3 * right(of("tied")) + 0.3 * right(of("ref")) +
      0.2 * share(both.filter(({ gap, spread }) => gap > spread).length) +
      0.2 * share(both.filter(({ least, spread }) => least > spread).length) +
      0.01 * share(margin);
  }];
}

function tiesRow({ correct, incorrect }: BenchRow): TiesRow {
  const right = known(correct, -Infinity), wrong = known(incorrect, Infinity);
  const worst = Math.min(...right);
  return { spread: Math.max(...right) - worst, gap: worst - Math.max(...wrong) };
}

function known(scores: readonly (number | null)[], missing: number): number[] {
  return scores.map((score) => score ?? missing);
}
