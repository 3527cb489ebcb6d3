import assert from "node:assert/strict";
import { combinationOf } from "../../lib/reward/combine.ts";

const names = ["rm", "rule/math", "rule/ifeval"];

Deno.test("of several rewards the first is each reply's own where nothing else is said", () => {
  const first = combinationOf(names, { weight: [], gate: [] });
  assert.equal(first.name, "rm");
  assert.equal(first.score({ rm: 0.3, "rule/math": 1 }), 0.3);
});

Deno.test("weights make the mean, and gates hold back what does not pass", () => {
  const both = combinationOf(names, {
    weight: ["rm=1", "rule/math=3"],
    gate: ["rule/ifeval"],
    gatedScore: -9,
  });
  assert.equal(both.name, "mean(rm, 3 rule/math) where rule/ifeval >= 1 else -9");
  assert.equal(both.score({ rm: 2, "rule/math": 1, "rule/ifeval": 1 }), 1.25);
  assert.equal(both.score({ rm: 2, "rule/math": 1, "rule/ifeval": 0 }), -9);
  assert.equal(both.score({ rm: null, "rule/math": 1, "rule/ifeval": 1 }), null);
  assert.equal(both.score({ rm: 1, "rule/math": 1, "rule/ifeval": null }), null);
});

Deno.test("with a gate alone the score is of the first reward that is no gate", () => {
  const gated = combinationOf(["rule/exact", "rm"], {
    weight: [],
    gate: ["rule/exact>=0.5"],
    gatedScore: -1,
  });
  assert.equal(gated.name, "rm where rule/exact >= 0.5 else -1");
  assert.equal(gated.score({ rm: 7, "rule/exact": 1 }), 7);
});

Deno.test("a name, a weight or a gate that is no good is told with the way out", () => {
  const refuse = (options: Partial<Parameters<typeof combinationOf>[1]>, message: RegExp) =>
    assert.throws(() => combinationOf(names, { weight: [], gate: [], ...options }), message);
  refuse({ weight: ["rn=1"] }, /reward models are called rm, .*did you mean rm|are called rm/);
  refuse({ weight: ["rm=0"] }, /X above 0/);
  refuse({ weight: ["rm"] }, /X above 0/);
  refuse({ gate: ["rule/math>=x"], gatedScore: 0 }, /x is no number/);
  refuse({ gate: ["rule/math"] }, /--gated-score X is needed/);
  refuse({ gatedScore: 1 }, /there is no --gate/);
});
