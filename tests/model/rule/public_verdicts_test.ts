import assert from "node:assert/strict";
import { loadRule } from "../../../lib/model/rule/load_rule.ts";
import type { Rule } from "../../../lib/model/rule/verdict.ts";
import { python } from "../../python.ts";

/** An answer that Python made, and the public implementation's verdict. */
interface Case {
  kind: string;
  label: unknown;
  answer: string;
  right: boolean;
}

async function cases(program: string, count: number, seed: number): Promise<Case[]> {
  const { code, stdout, stderr } = await new Deno.Command(await python("rules"), {
    args: [new URL(program, import.meta.url).pathname, String(count), String(seed)],
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr).slice(-2_000));
  return decoder.decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

/** The share of cases in which a rule says what the public implementation says, by kind. */
function agreement(rule: Rule, all: readonly Case[]) {
  const differing = all.filter(({ answer, label, right }) =>
    (rule(answer, label).score === 1) !== right
  );
  const share = (kind?: string) => {
    const of = (cases: readonly Case[]) =>
      cases.filter((each) => kind === undefined || each.kind === kind).length;
    return 1 - of(differing) / of(all);
  };
  return { share, differing };
}

Deno.test("rule/math gives Math-Verify's verdict on made-up answers of 28 kinds", async () => {
  const all = await cases("made_math.py", 2_500, 11);
  const { share, differing } = agreement(await loadRule("math"), all);
  assert.ok(all.filter(({ right }) => right).length > all.length / 3);
  assert.ok(share() >= 0.995, JSON.stringify(differing.slice(0, 5)));
});

Deno.test("rule/ifeval gives the public checks' verdict on responses to all 25 instructions", async () => {
  const all = await cases("made_responses.py", 5_000, 4);
  assert.equal(new Set(all.map(({ kind }) => kind)).size, 25);
  const { share, differing } = agreement(await loadRule("ifeval"), all);
  // The detectors of language differ by nature; everything else is the same.
  const byDetector = [
    "language:response_language",
    "change_case:english_capital",
    "change_case:english_lowercase",
  ];
  for (const kind of [...byDetector, "length_constraints:number_sentences"]) {
    assert.ok(share(kind) >= 0.97, `${kind}: ${share(kind)}`);
  }
  assert.ok(share() >= 0.995, JSON.stringify(differing.slice(0, 5)));
});
