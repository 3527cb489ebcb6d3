import assert from "node:assert/strict";
import fc from "fast-check";
import { loadRule } from "../../../lib/model/rule/load_rule.ts";
import { RULE_NAMES, type RuleName } from "../../../lib/model/rule/rule_names.ts";
import type { Rule } from "../../../lib/model/rule/verdict.ts";

const RULES = Object.fromEntries(
  await Promise.all(RULE_NAMES.map(async (name) => [name, await loadRule(name)])),
) as Record<RuleName, Rule>;

/** Answers, a label, and whether each is right; null where it must be unread. */
type Table = [answer: string, label: unknown, right: boolean | null][];

function holds(rule: RuleName, table: Table) {
  for (const [answer, label, right] of table) {
    const { score, unread } = RULES[rule](answer, label);
    const said = unread === undefined ? score === 1 : null;
    assert.equal(
      said,
      right,
      `${rule}: ${JSON.stringify(answer)} for ${JSON.stringify(label)}: ${unread ?? score}`,
    );
  }
}

Deno.test("rule/exact takes any of the accepted texts, and nothing that only holds one", () => {
  holds("exact", [
    ["Warsaw", "Warsaw", true],
    ["  warsaw. ", "Warsaw", true],
    ["**Warsaw**", ["Krakow", "Warsaw"], true],
    ["\u201cWarsaw\u201d", "warsaw", true],
    ["ＷＡＲＳＡＷ", "Warsaw", true],
    ["3", 3, true],
    ["Warsaw is the capital.", "Warsaw", false],
    ["Krakow", "Warsaw", false],
    ["", "Warsaw", null],
    ["Warsaw", "", null],
    ["Warsaw", undefined, null],
    ["Warsaw", { text: "Warsaw" }, null],
  ]);
});

Deno.test("rule/number reads thousands, units, percent, fractions and powers, and the stated result", () => {
  holds("number", [
    ["She pays $1,250.00 in all.", 1250, true],
    ["It is 1 250 000 people.", "1,250,000", true],
    ["#### 72", "72", true],
    ["First 3, then 4. #### 12", 12, true],
    ["The answer is 12, as 3 times 4 shows.", 12, true],
    ["So \\boxed{12} since 5 > 3", 12, true],
    ["50%", 0.5, true],
    ["50%", 50, true],
    ["0.5", "50%", true],
    ["3/4", 0.75, true],
    ["\\frac{3}{4}", 0.75, true],
    ["1.5e3", 1500, true],
    ["-7", -7, true],
    ["\u22127", -7, true],
    ["5 km", "5 km", true],
    ["5 kilometers", "5 km", true],
    ["5 m", "5 km", false],
    ["9.8", { value: 9.81, tolerance: 0.01 }, true],
    ["9.8", 9.81, false],
    ["3 or 4", 3, false],
    ["The answer is 5 + 3 = 8.", 8, true],
    ["The answer is x = 8", 8, true],
    ["The answer is 8 (= 5 + 3)", 8, true],
    ["It is 3,14.", 3, null],
    ["It is 12,5.", 5, null],
    ["Of 1,234.5 it is 7.", 7, true],
    ["It is 5.", ["four", 4, 5], true],
    ["It is 5.", [4, "6"], false],
    ["It is 5.", ["four"], null],
    ["It is 5.", [], null],
    ["five", 5, null],
    ["5", "five", null],
    ["5", { value: null }, null],
    ["5", NaN, null],
  ]);
});

Deno.test("rule/choice reads a letter or an option's text, and no answer that names two", () => {
  const options = ["Paris", "Rome", "Oslo"];
  holds("choice", [
    ["B", "B", true],
    ["(b)", "B", true],
    ["The answer is (B).", "B", true],
    ["**B**", "B", true],
    ["B) Rome", "B", true],
    ["\\boxed{\\text{B}}", "B", true],
    ["A and C are wrong, so the answer is B", "B", true],
    ["Rome", { letter: "B", options }, true],
    ["It must be Rome, I think.", { answer: "Rome", options }, true],
    ["Oslo", { letter: "B", options }, false],
    ["1", { letter: 1, options }, null],
    ["B", 1, true],
    ["D", { letter: "B", options }, null],
    ["The answer is a matter of taste", "A", null],
    ["A or B", "A", null],
    ["Option A is wrong, so B.", "A", false],
    ["Option A is wrong, so B.", "B", true],
    ["(A) is incorrect.", "A", null],
    ["Option B seems right.", "B", true],
    ["The correct option is B, as A is not large enough.", "B", true],
    ["Option A or option B", "A", null],
    ["Paris or Rome", { letter: "A", options }, null],
    ["", "A", null],
    ["A", {}, null],
  ]);
});

Deno.test("rule/regex takes RE2's patterns, so that a hostile answer costs no more than its length", () => {
  holds("regex", [
    ["code ab-12", "[a-z]{2}-\\d+", true],
    ["AB-12", "^[a-z]{2}-\\d+$", false],
    ["AB-12", ["^x$", "(?i)^ab"], true],
    [`${"a".repeat(50_000)}!`, "^(a+)+$", false],
    ["x", "(", null],
    ["x", "(?=x)", null],
    ["x", 5, null],
  ]);
});

Deno.test("rule/json checks against a JSON Schema, a fence aside", () => {
  const schema = {
    type: "object",
    properties: { n: { type: "integer", minimum: 1 } },
    required: ["n"],
  };
  holds("json", [
    ['{"n": 3}', schema, true],
    ['```json\n{"n": 3}\n```', JSON.stringify(schema), true],
    ['{"n": 0}', schema, false],
    ["[]", schema, false],
    ["[]", null, true],
    ['Here it is: {"n": 3}', schema, null],
    ['{"n": 3', schema, null],
    ['{"n": 3}', "not a schema", null],
  ]);
});

Deno.test("rule/length counts characters as readers do, words or lines", () => {
  holds("length", [
    ["ab", 2, true],
    ["abc", 2, false],
    ["\u{1F469}\u200d\u{1F469}\u200d\u{1F467}", 1, true],
    ["one two three", { min: 3, unit: "words" }, true],
    ["これは文です", { min: 2, max: 6, unit: "words" }, true],
    ["a\nb", { max: 1, unit: "lines" }, false],
    ["a", {}, null],
    ["a", { max: 1, unit: "pages" }, null],
  ]);
});

Deno.test("rule/math compares mathematics and not texts", () => {
  holds("math", [
    ["$\\frac{1}{2}$", "0.5", true],
    ["The answer is 1/2.", "\\frac{2}{4}", true],
    ["$x^2 + 2x + 1$", "(x+1)^2", true],
    ["$\\sqrt{x^2}$", "x", false],
    ["$(1, 2)$", "(2, 1)", false],
    ["$\\{2, 1\\}$", "1, 2", true],
    ["$[0, 1)$", "[0, 1]", false],
    ["$x > 2$", "2 < x", true],
    ["$2x + 2y = 4$", "x + y = 2", true],
    ["$-x > 1$", "x > 1", false],
    ["$2^{2000}$", "2^{2000}", true],
    ["$2^{2000}$", "3^{2000}", false],
    ["$2^{-2000}$", "3^{-2000}", false],
    ["12345678901234567891", "12345678901234567890", false],
    ["\\boxed{5}, though 7 was close", "5", true],
    ["$x = 5$", "5", true],
    ["I do not know", "5", null],
    ["", "5", null],
  ]);
});

Deno.test("rule/ifeval takes the shapes of the public data, and reads no unknown instruction as followed", () => {
  const label = { instruction_id_list: ["punctuation:no_comma"], kwargs: [{}] };
  holds("ifeval", [
    ["no comma", label, true],
    ["a, b", label, false],
    [
      "no comma",
      JSON.stringify([{ instruction_id: ["punctuation:no_comma"], kwargs: [null] }]),
      true,
    ],
    ["", label, false],
    ["x", { instruction_id_list: ["keywords:existence"], kwargs: [{}] }, null],
    ["x", { instruction_id_list: ["no:such"], kwargs: [{}] }, null],
    ["x", { instruction_id_list: ["constructor"], kwargs: [{}] }, null],
    ["x", "nothing", null],
  ]);
});

const LABELS: Record<RuleName, unknown> = {
  exact: "Warsaw",
  number: 1729,
  math: "\\frac{17}{29}",
  choice: { letter: "B", options: ["Paris", "Rome"] },
  regex: "^ISBN \\d{13}$",
  json: { type: "object", required: ["isbn"] },
  ifeval: {
    instruction_id_list: ["startend:quotation", "detectable_format:title"],
    kwargs: [{}, {}],
  },
  length: { min: 4_000 },
};

const ANYTHING = fc.anything({
  withBigInt: true,
  withDate: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
});
/** What the rules look for in a label, with anything in it. */
const LABEL_FIELDS = Object.fromEntries(
  [
    ..."value unit tolerance letter answer options min max $schema type required".split(" "),
    ..."instruction_id_list kwargs".split(" "),
  ].map((name) => [name, ANYTHING]),
);

Deno.test("no rule throws on any answer or label, and junk passes none", () => {
  const names = RULE_NAMES;
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.oneof(ANYTHING, fc.record(LABEL_FIELDS, { requiredKeys: [] })),
      (name, answer, label) => {
        assert.equal(RULES[name](answer, LABELS[name]).score, 0);
        const { score } = RULES[name](answer, label);
        assert.ok(score === 0 || score === 1);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("hostile answers are judged without stepping back over them", () => {
  const pieces = ' ~\n~*~$~\\frac{~(~{~1,~answer ~[~-~"~\\boxed{~1+~<<~a.~answer is 1 ~1 000 '
    .split("~");
  const instructions = [
    ["detectable_format:number_bullet_lists", { num_bullets: 3 }],
    ["detectable_content:number_placeholders", { num_placeholders: 2 }],
    ["detectable_format:title", {}],
    ["detectable_format:number_highlighted_sections", { num_highlights: 9 }],
    ["length_constraints:number_sentences", { num_sentences: 2, relation: "less than" }],
  ].map(([id, args]) => ({ instruction_id_list: [id], kwargs: [args] }));
  for (const piece of pieces) {
    // Quadratic work on so much would take minutes, and be seen.
    const answer = piece.repeat(Math.ceil(200_000 / piece.length));
    for (const name of RULE_NAMES) {
      for (const label of name === "ifeval" ? instructions : [LABELS[name]]) {
        const { score } = RULES[name](answer, label);
        assert.ok(score === 0 || score === 1);
      }
    }
  }
});
