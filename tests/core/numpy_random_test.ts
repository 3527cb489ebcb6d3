import assert from "node:assert/strict";
import { sha256 } from "../../lib/core/canonical.ts";
import { numpyPermutation } from "../../lib/core/numpy_random.ts";
import fixture from "../fixtures/numpy/permutations.json" with { type: "json" };

for (const { seed, n, sha256: expected, order } of fixture.vectors) {
  Deno.test(`The permutation of ${n} under seed ${seed} is NumPy's`, () => {
    const made = numpyPermutation(seed, n);
    assert.equal(sha256(made.join(",")), expected);
    if (order) assert.deepEqual([...made], order);
  });
}

Deno.test("Seeds that NumPy refuses are refused", () => {
  for (const seed of [-1, 2 ** 32, 1.5, NaN]) {
    assert.throws(() => numpyPermutation(seed, 3), RangeError);
  }
});
