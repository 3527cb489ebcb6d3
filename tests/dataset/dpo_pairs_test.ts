import assert from "node:assert/strict";
import fc from "fast-check";
import { choosePairs, rlmtPair } from "../../lib/dataset/dpo/dpo_pairs.ts";
import { type Candidate, CONTROLS, STRATEGIES } from "../../lib/dataset/dpo/pair_rules.ts";

const candidates = fc.array(
  fc.record({
    score: fc.integer({ min: -3, max: 3 }),
    turn: fc.constantFrom("a", "bb", "ccc", "d"),
  }),
  { minLength: 1, maxLength: 10 },
).map((replies) => replies.map((reply, index) => ({ index, ...reply })));

const replies = (...scores: number[]): Candidate[] =>
  scores.map((score, index) => ({ index, score, turn: `reply ${index}` }));

const indices = (id: string, list: Candidate[], rules: Parameters<typeof choosePairs>[2]) =>
  choosePairs(id, list, rules).pairs.map(({ chosen, rejected }) => [chosen.index, rejected.index]);

Deno.test("No strategy ever pairs a tie, equal texts, or less than the margin", () => {
  fc.assert(fc.property(
    candidates,
    fc.constantFrom(...STRATEGIES.filter((each) => !CONTROLS.includes(each))),
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.option(fc.constantFrom(1, 1.5, 2)),
    (list, strategy, minMargin, lengthMatched, ratio) => {
      const maxLengthRatio = ratio ?? undefined;
      const rules = { strategy, minMargin, lengthMatched, maxLengthRatio, seed: 1, threshold: 0 };
      const { pairs, reason } = choosePairs("id", list, rules);
      assert.equal(pairs.length === 0, reason !== null);
      for (const { chosen, rejected } of pairs) {
        assert.ok(chosen.score > rejected.score);
        assert.ok(chosen.score - rejected.score >= minMargin);
        assert.notEqual(chosen.turn, rejected.turn);
        if (maxLengthRatio === undefined) continue;
        const lengths = [chosen.turn.length, rejected.turn.length];
        assert.ok(Math.max(...lengths) <= maxLengthRatio * Math.min(...lengths));
      }
    },
  ));
});

Deno.test("The best is chosen and the worst rejected", () => {
  fc.assert(fc.property(candidates, (list) => {
    const { pairs } = choosePairs("id", list, { strategy: "best-worst", seed: 1 });
    for (const { chosen, rejected } of pairs) {
      assert.equal(chosen.score, Math.max(...list.map(({ score }) => score)));
      assert.equal(rejected.score, Math.min(...list.map(({ score }) => score)));
    }
  }));
});

Deno.test("Of equal scores, the first best and the last worst are taken", () => {
  assert.deepEqual(indices("id", replies(1, 5, 5, 0, 0), { strategy: "best-worst", seed: 1 }), [
    [1, 4],
  ]);
});

Deno.test("A reply of equal score stands in where the worst has the chosen text", () => {
  const list = replies(1, 0, 0);
  list[2]!.turn = list[0]!.turn;
  assert.deepEqual(indices("id", list, { strategy: "best-worst", seed: 1 }), [[0, 1]]);
});

Deno.test("Each rule that leaves no pair is named", () => {
  const reason = (list: Candidate[], rules: object) =>
    choosePairs("id", list, { strategy: "best-worst", seed: 1, ...rules }).reason;
  assert.equal(reason(replies(1, 1, 1), {}), "tie");
  assert.equal(reason(replies(1, 2).map((reply) => ({ ...reply, turn: "x" })), {}), "same_text");
  assert.equal(reason(replies(1, 2), { minMargin: 1.5 }), "margin_too_small");
  const [short, long] = replies(1, 2) as [Candidate, Candidate];
  long.turn = "x".repeat(100);
  assert.equal(reason([short, long], { maxLengthRatio: 2 }), "length_ratio");
  assert.equal(
    reason(replies(1, 2), { strategy: "threshold", threshold: 3 }),
    "not_across_threshold",
  );
});

Deno.test("best-random draws by prompt and seed, and in the long run every worse reply", () => {
  const list = replies(9, 1, 2, 3);
  const rules = { strategy: "best-random", seed: 7 } as const;
  const drawn = new Set<number>();
  for (let prompt = 0; prompt < 60; prompt++) {
    const [pair] = indices(`p${prompt}`, list, rules);
    assert.equal(pair![0], 0);
    assert.deepEqual(indices(`p${prompt}`, list, rules), [pair]);
    drawn.add(pair![1]!);
  }
  assert.deepEqual([...drawn].sort(), [1, 2, 3]);
});

Deno.test("best-lowest-quartile rejects from the lowest quarter alone", () => {
  const list = replies(8, 7, 6, 5, 4, 3, 2, 1);
  const drawn = new Set<number>();
  for (let prompt = 0; prompt < 40; prompt++) {
    const rules = { strategy: "best-lowest-quartile", seed: 7 } as const;
    drawn.add(indices(`p${prompt}`, list, rules)[0]![1]!);
  }
  assert.deepEqual([...drawn].sort(), [6, 7]);
});

Deno.test("top-k-pairs gives the i-th best with the i-th worst", () => {
  const rules = { strategy: "top-k-pairs", seed: 1, pairs: 3 } as const;
  assert.deepEqual(indices("id", replies(5, 4, 3, 2, 1), rules), [[0, 4], [1, 3]]);
});

Deno.test("threshold takes the best at or above the score and the worst below it", () => {
  const rules = { strategy: "threshold", threshold: 2, seed: 1 } as const;
  assert.deepEqual(indices("id", replies(1, 2, 3, 0), rules), [[2, 3]]);
});

Deno.test("Length matching takes the allowed reply nearest in length", () => {
  const list = replies(9, 8, 7, 2, 1, 0);
  list[3]!.turn = "x".repeat(8);
  list[4]!.turn = "x".repeat(50);
  list[5]!.turn = "x".repeat(90);
  const rules = { strategy: "best-worst", lengthMatched: true, seed: 1 } as const;
  assert.deepEqual(indices("id", list, rules), [[0, 3]]);
});

Deno.test("The public builder's pair keeps ties: the first best with the last worst", () => {
  const { chosen, rejected } = rlmtPair(replies(1, 1, 1));
  assert.deepEqual([chosen.index, rejected.index], [0, 2]);
});

Deno.test("of answers that were both cut, a difference within a batch's noise is a tie", () => {
  const rules = { strategy: "best-worst" as const, seed: 42 };
  const cut = (...scores: number[]) =>
    scores.map((score, index) => ({ index, score, turn: `reply ${index}`, truncated: true }));
  assert.deepEqual(choosePairs("p", cut(1.04, 1, 1.02), rules), { pairs: [], reason: "tie" });
  assert.equal(choosePairs("p", cut(1.1, 1), rules).pairs.length, 1);
  const [whole, ...rest] = cut(1.04, 1);
  const pairs = choosePairs("p", [{ ...whole!, truncated: false }, ...rest], rules).pairs;
  assert.equal(pairs.length, 1);
});

Deno.test("Controls pair the prompts that best-worst pairs, flipped with the sides changed", () => {
  fc.assert(fc.property(candidates, (list) => {
    const [plain] = indices("id", list, { strategy: "best-worst", seed: 1 });
    const [flipped] = indices("id", list, { strategy: "flipped", seed: 1 });
    assert.deepEqual(flipped, plain?.toReversed());
    const { pairs: [drawn] } = choosePairs("id", list, { strategy: "random", seed: 1 });
    assert.equal(drawn === undefined, plain === undefined);
    if (drawn !== undefined) assert.notEqual(drawn.chosen.turn, drawn.rejected.turn);
  }));
  const ids = Array.from({ length: 200 }, (_, at) => `p${at}`);
  // Best of all one text that is said often: it is drawn first oftener, and chosen no oftener.
  const often = replies(0, 1, 9, 9, 9, 9, 9, 9).map((reply) => ({
    ...reply,
    turn: `${reply.score}`,
  }));
  for (const list of [replies(0, 1), replies(0, 1, 2, 3), often]) {
    const wins = ids.filter((id) => {
      const { pairs: [pair] } = choosePairs(id, list, { strategy: "random", seed: 1 });
      return pair!.chosen.score > pair!.rejected.score;
    }).length;
    assert.ok(wins > 70 && wins < 130, `${wins} of 200 drawn pairs have the better reply chosen`);
  }
});

Deno.test("Pairs stay within one model's replies, or go across models, where that is asked for", () => {
  const models = ["a", "a", "b", "b"];
  const list = replies(5, 4, 3, 0).map((reply, at) => ({ ...reply, model: models[at]! }));
  const rules = { strategy: "best-worst", seed: 1 } as const;
  assert.deepEqual(indices("id", list, { ...rules, pairModels: "same" }), [[2, 3]]);
  const mixed = list.map((reply) => ({ ...reply, model: reply.index === 3 ? "a" : reply.model }));
  assert.deepEqual(indices("id", mixed, rules), [[0, 3]]);
  assert.deepEqual(indices("id", mixed, { ...rules, pairModels: "different" }), [[0, 2]]);
  const alone = list.map((reply) => ({ ...reply, model: "a" }));
  assert.equal(
    choosePairs("id", alone, { ...rules, pairModels: "different" }).reason,
    "same_model",
  );
});
