import assert from "node:assert/strict";
import fc from "fast-check";
import { randomFor } from "../../../lib/core/random.ts";
import {
  drawToken,
  drawWeighed,
  NotFinite,
  type Sampling,
} from "../../../lib/model/local/sampler.ts";

const logits = Float32Array.from([2, 1.5, 1.5, 0.3, -1, 3, -0.2, 0.1]);
const plain: Sampling = { temperature: 1, topP: 1, topK: 0 };

/** What tokens should come how often, by sorting and adding up. */
function exact({ temperature, topP, topK }: Sampling, from = logits): number[] {
  const weights = [...from].map((logit) => Math.exp(logit / temperature));
  let order = weights.map((_, id) => id).sort((a, b) => weights[b]! - weights[a]! || a - b);
  if (topK > 0) order = order.slice(0, topK);
  const total = order.reduce((sum, id) => sum + weights[id]!, 0);
  const kept: number[] = [];
  for (let mass = 0; mass < topP * total && kept.length < order.length;) {
    const id = order[kept.length]!;
    kept.push(id);
    mass += weights[id]!;
  }
  const left = kept.reduce((sum, id) => sum + weights[id]!, 0);
  return weights.map((weight, id) => kept.includes(id) ? weight / left : 0);
}

Deno.test("tokens come as often as temperature, top-k and nucleus say", () => {
  const ways: Sampling[] = [
    plain,
    { ...plain, temperature: 0.5 },
    { ...plain, topP: 0.8 },
    { ...plain, topP: 0.3 },
    { ...plain, topK: 2 },
    { ...plain, topK: 3 },
    { ...plain, topK: 4, topP: 0.9 },
    { temperature: 2, topP: 0.7, topK: 0 },
  ];
  for (const sampling of ways) {
    const counts = new Array(logits.length).fill(0), draws = 40_000;
    for (let i = 0; i < draws; i++) counts[drawToken(logits, sampling, (i + 0.5) / draws).token]++;
    for (const [id, share] of exact(sampling).entries()) {
      assert.ok(
        Math.abs(counts[id] / draws - share) < 1e-4,
        `${JSON.stringify(sampling)}: token ${id}: ${counts[id] / draws}, not ${share}`,
      );
    }
  }
});

Deno.test("temperature 0 and top-k 1 take the likeliest token, the first of equals", () => {
  assert.equal(drawToken(logits, { ...plain, temperature: 0 }, 0.99).token, 5);
  assert.equal(drawToken(logits, { ...plain, topK: 1 }, 0.99).token, 5);
  const equals = Float32Array.from([0, 4, 4, 1]);
  const draw = drawToken(equals, { ...plain, temperature: 0 }, 0.5);
  assert.deepEqual(draw, { token: 1, sure: false });
});

Deno.test("a draw that is called sure stays when every logit moves by the noise", () => {
  // Draws and nuclei are put next to a border, where a little matters.
  const near = fc.double({ min: -2e-4, max: 2e-4, noNaN: true });
  const cases = fc.record({
    seed: fc.integer(),
    border: fc.nat({ max: 199 }),
    offset: near,
    temperature: fc.constantFrom(0, 0.7, 1, 1.5),
    topK: fc.constantFrom(0, 5, 40),
    cut: fc.option(fc.record({ count: fc.integer({ min: 1, max: 50 }), offset: near })),
    spread: fc.constantFrom(0.5, 3, 8),
    ties: fc.boolean(),
  });
  let sure = 0, runs = 0;
  fc.assert(
    fc.property(cases, ({ seed, border, offset, temperature, topK, cut, spread, ties }) => {
      const next = randomFor(seed, "logits");
      const first = Float32Array.from({ length: 200 }, () => {
        const logit = (next() - 0.5) * 2 * spread;
        return ties ? Math.round(logit * 10) / 10 : logit;
      });
      const soft = { temperature: temperature || 1, topP: 1, topK };
      const likeliest = exact(soft, first).sort((a, b) => b - a);
      const mass = likeliest.slice(0, cut?.count ?? 200).reduce((sum, share) => sum + share, 0);
      const topP = cut === null ? 1 : Math.min(1, mass + cut.offset);
      const sampling = { temperature, topP, topK };
      const below = exact({ ...soft, topP }, first).slice(0, border + 1);
      const share = below.reduce((sum, each) => sum + each, 0) + offset;
      const random = Math.min(0.999999, Math.max(0, share));
      const draw = drawToken(first, sampling, random);
      runs++;
      if (!draw.sure) return;
      sure++;
      const moved = (up: (id: number) => boolean) =>
        drawToken(first.map((logit, id) => logit + (up(id) ? 9e-5 : -9e-5)), sampling, random)
          .token;
      assert.equal(moved((id) => id <= draw.token), draw.token);
      assert.equal(moved((id) => id >= draw.token), draw.token);
      assert.equal(moved((id) => id < draw.token), draw.token);
      assert.equal(moved((id) => id > draw.token), draw.token);
      assert.equal(moved(() => next() < 0.5), draw.token);
    }),
    { numRuns: 2000 },
  );
  assert.ok(sure > 0.2 * runs && sure < 0.95 * runs, `${sure} of ${runs} draws were sure`);
});

Deno.test("tokens that the model has weighed are drawn as those of its logits", () => {
  const random = randomFor("weighed");
  for (const temperature of [0.5, 1, 1.4]) {
    for (const [topP, topK] of [[1, 0], [0.9, 0], [0.6, 0], [1, 1], [1, 3], [0.8, 5]] as const) {
      const sampling = { temperature, topP, topK };
      const sum = logits.reduce((sum, logit) => sum + Math.exp(logit / temperature), 0);
      const weights = logits.map((logit) => Math.exp(logit / temperature) / sum);
      for (let i = 0; i < 300; i++) {
        const number = random(), { token, sure } = drawToken(logits, sampling, number);
        if (sure) assert.equal(drawWeighed(weights, sampling, number), token);
      }
    }
  }
  for (const bad of [NaN, Infinity]) {
    assert.throws(() => drawWeighed(Float32Array.from([0, bad]), plain, 0.5), NotFinite);
  }
  assert.throws(() => drawWeighed(new Float32Array(3), plain, 0.5), NotFinite);
});

Deno.test("logits that are no numbers are refused", () => {
  for (const bad of [NaN, Infinity]) {
    assert.throws(() => drawToken(Float32Array.from([0, bad, 1]), plain, 0.5), NotFinite);
  }
  assert.throws(() => drawToken(new Float32Array(3).fill(-Infinity), plain, 0.5), NotFinite);
});
