import assert from "node:assert/strict";
import { randomFor, seedFor } from "../../lib/core/random.ts";

Deno.test("a stream depends on all of its parts and on nothing else", () => {
  const draw = (...parts: (string | number)[]) => {
    const random = randomFor(...parts);
    return [random(), random(), random()];
  };
  assert.deepEqual(draw(42, "a", 0), draw(42, "a", 0));
  const others = [draw(43, "a", 0), draw(42, "b", 0), draw(42, "a", 1), draw(42, "a0")];
  for (const other of others) assert.notDeepEqual(other, draw(42, "a", 0));
  assert.notDeepEqual(draw("a", "b"), draw("ab"));
});

Deno.test("draws are uniform on [0, 1)", () => {
  const random = randomFor("uniform"), bins = new Array(16).fill(0), draws = 160_000;
  for (let i = 0; i < draws; i++) {
    const x = random();
    assert.ok(x >= 0 && x < 1);
    bins[Math.floor(x * 16)]++;
  }
  const expected = draws / 16;
  const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 37.7, `chi-square of 15 degrees, 0.1% level: ${chiSquare}`);
});

Deno.test("seeds for servers are 31-bit integers that differ by prompt", () => {
  const seeds = Array.from({ length: 100 }, (_, i) => seedFor(42, `p${i}`));
  assert.equal(new Set(seeds).size, 100);
  for (const seed of seeds) assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31);
});
