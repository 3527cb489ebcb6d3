import assert from "node:assert/strict";
import { Reservoir } from "../../lib/report/reservoir.ts";

const sample = (size: number, total: number, seed = 1) => {
  const reservoir = new Reservoir<number>(size, seed, "test");
  for (let item = 0; item < total; item++) reservoir.add(item);
  return reservoir.items();
};

Deno.test("a sample holds different items in their order, and all of a few", () => {
  assert.deepEqual(sample(5, 3), [0, 1, 2]);
  const items = sample(5, 1000);
  assert.equal(new Set(items).size, 5);
  assert.deepEqual(items, items.toSorted((a, b) => a - b));
  assert.deepEqual(sample(5, 1000), items);
  assert.deepEqual(sample(0, 10), []);
});

Deno.test("every item is as likely as any other", () => {
  const taken = new Array<number>(20).fill(0);
  for (let seed = 0; seed < 4000; seed++) for (const item of sample(5, 20, seed)) taken[item]!++;
  // 1,000 expected each, with a standard deviation of 27.
  for (const times of taken) assert.ok(Math.abs(times - 1000) < 140, `${taken}`);
});
