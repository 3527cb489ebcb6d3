import assert from "node:assert/strict";
import fc from "fast-check";
import { numpyPermutation } from "../../lib/core/numpy_random.ts";
import { groupedSplit } from "../../lib/dataset/split/grouped_split.ts";
import { PromptGroups } from "../../lib/dataset/split/prompt_groups.ts";

Deno.test("Without repeated prompts, train is the first rows of NumPy's permutation", () => {
  fc.assert(fc.property(fc.nat(400), fc.nat(100), fc.nat(0xffffffff), (rows, part, seed) => {
    const cut = Math.trunc(rows * part / 100);
    const order = [...numpyPermutation(seed, rows)];
    const { train, validation } = groupedSplit(rows, { seed, train: cut });
    assert.deepEqual([...train], order.slice(0, cut));
    assert.deepEqual([...validation], order.slice(cut));
  }));
});

Deno.test("Prompts of equal messages stand on one side, with all their rows", () => {
  const prompts = fc.array(fc.record({ text: fc.nat(9), rows: fc.integer({ min: 1, max: 3 }) }));
  fc.assert(fc.property(prompts, fc.nat(100), fc.nat(1000), (list, part, seed) => {
    const groups = new PromptGroups(), textOf: number[] = [];
    for (const { text, rows } of list) {
      groups.add([{ role: "user", content: String(text) }], rows);
      for (let row = 0; row < rows; row++) textOf.push(text);
    }
    const train = Math.trunc(list.length * part / 100);
    const sides = groups.split({ seed, train }, { grouped: true });
    assert.deepEqual(
      [...sides.train, ...sides.validation].sort((a, b) => a - b),
      textOf.map((_, row) => row),
    );
    const trained = new Set([...sides.train].map((row) => textOf[row]));
    for (const row of sides.validation) assert.ok(!trained.has(textOf[row]!));
  }));
});

Deno.test("Ungrouped, a prompt's side is its own place in the permutation", () => {
  const groups = new PromptGroups();
  for (let row = 0; row < 10; row++) groups.add([{ role: "user", content: "the same" }], 1);
  const { train, validation } = groups.split({ seed: 42, train: 8 }, { grouped: false });
  assert.deepEqual([[...train], [...validation]], [[8, 1, 5, 0, 7, 2, 9, 4], [3, 6]]);
});
