import assert from "node:assert/strict";
import { sha256 } from "../../../lib/core/canonical.ts";
import { loadRule } from "../../../lib/model/rule/load_rule.ts";
import type { Rule } from "../../../lib/model/rule/verdict.ts";
import { python } from "../../python.ts";

/** An answer that Python made. */
interface Made {
  kind: string;
  label: unknown;
  answer: string;
}

/** With the public implementation's verdict. */
interface Case extends Made {
  right: boolean;
}

async function made<T extends Made>(program: string, ...args: number[]): Promise<T[]> {
  const { code, stdout, stderr } = await new Deno.Command(await python("rules"), {
    args: [new URL(program, import.meta.url).pathname, ...args.map(String)],
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

/** Math-Verify's verdicts on what made_math.py makes, and a hash of what they depend on. */
const RECORDED = new URL("made_math_verdicts.txt", import.meta.url);

/** Made-up answers with Math-Verify's verdicts: of one in ten its own of now, which recorded ones must be. */
async function judged(): Promise<Case[]> {
  const sources = ["made_math.py", "../../requirements-rules.txt"].map((name) =>
    Deno.readTextFileSync(new URL(name, import.meta.url))
  );
  const [madeOf, ...lines] = Deno.readTextFileSync(RECORDED).trim().split("\n");
  const verdict = (right: boolean | null) => right === null ? "-" : right ? "1" : "0";
  const ofNow = async (one: number) =>
    await made<Made & { right?: boolean | null }>("made_math.py", 2_500, 11, one);
  let recorded = lines.join("");
  // Half a minute: made again where the answers, Math-Verify or what it stands on have changed.
  if (madeOf !== sha256(sources.join("\n"))) {
    recorded = (await ofNow(1)).map(({ right }) => verdict(right!)).join("");
    const text = [sha256(sources.join("\n")), ...recorded.match(/.{1,100}/g)!].join("\n");
    Deno.writeTextFileSync(RECORDED, text + "\n");
    assert.fail(`${RECORDED.pathname} was made again, for what it depends on has changed`);
  }
  const all = await ofNow(10);
  assert.equal(all.length, recorded.length);
  assert.equal(all.filter(({ right }) => right !== undefined).length, all.length / 10);
  for (const [index, { right, answer }] of all.entries()) {
    if (right !== undefined) assert.equal(verdict(right), recorded[index], answer);
  }
  return all.map((one, index) => ({ ...one, right: recorded[index] === "1" }))
    .filter((_, index) => recorded[index] !== "-");
}

Deno.test("rule/math gives Math-Verify's verdict on made-up answers of 28 kinds", async () => {
  const all = await judged();
  assert.equal(new Set(all.map(({ kind }) => kind)).size, 28);
  const { share, differing } = agreement(await loadRule("math"), all);
  assert.ok(all.filter(({ right }) => right).length > all.length / 3);
  assert.ok(share() >= 0.995, JSON.stringify(differing.slice(0, 5)));
});

Deno.test("rule/ifeval gives the public checks' verdict on responses to all 25 instructions", async () => {
  const all = await made<Case>("made_responses.py", 5_000, 4);
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
