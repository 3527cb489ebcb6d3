/** The split into train and validation, by NumPy's permutation, equal prompts on one side. */
import { numpyPermutation } from "../../core/numpy_random.ts";

/**
 * The rows of each side, in the permutation's order: `train` is the first `train` rows of
 * `np.random.permutation(rows)` under the seed. A row whose group has an earlier row in input order
 * goes to that row's side.
 *
 * @param groupOf The number of the first row that has the same prompt (the row's own where it is
 * the first); leave it out for the plain split.
 *
 * @example
 * ```ts
 * import { groupedSplit } from "./grouped_split.ts";
 * import assert from "node:assert/strict";
 *
 * const { train, validation } = groupedSplit(10, { seed: 42, train: 8 });
 * assert.deepEqual([[...train], [...validation]], [[8, 1, 5, 0, 7, 2, 9, 4], [3, 6]]);
 * ```
 */
export function groupedSplit(
  rows: number,
  options: { seed: number; train: number },
  groupOf: (row: number) => number = (row) => row,
): { train: Uint32Array; validation: Uint32Array } {
  const order = numpyPermutation(options.seed, rows);
  const inTrain = new Uint8Array(rows);
  for (let place = 0; place < options.train; place++) inTrain[order[place]!] = 1;
  const isTrain = (row: number) => inTrain[groupOf(row)] === 1;
  return { train: order.filter(isTrain), validation: order.filter((row) => !isTrain(row)) };
}
