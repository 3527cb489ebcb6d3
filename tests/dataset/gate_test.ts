import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { type GateName, GATES } from "../../lib/dataset/gate/gate_options.ts";
import { PairGate } from "../../lib/dataset/gate/pair_gate.ts";
import { InputError, RunError } from "../../lib/core/errors.ts";
import { randomFor } from "../../lib/core/random.ts";
import { wordsOf } from "../../lib/dataset/filter/words.ts";
import { sameButForm } from "../../lib/reply/same_but_form.ts";
import { FrequentTexts } from "../../lib/dataset/filter/frequent_texts.ts";
import { inTemp, put } from "../io/temp.ts";
import { jsonLines } from "../teacher/run_teacher.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";
import { chatReply } from "../chat_reply.ts";

Deno.test("Form is white space, tags, markdown's marks and case; signs of arithmetic are words", () => {
  const same: [string, string][] = [
    ["**Paris** is it.", "paris is\n\n it."],
    ["# Title\n- one\n* two", "title\none\ntwo"],
    ["It is `x`, _really_.", "it is x, really."],
    ["> So it is.", "So it is."],
    ["<response> yes </response>", "Yes"],
    ["Straße **9**", "straße 9"],
    [`${"long ".repeat(100)}**end**`, `${"LONG ".repeat(100)}end`],
    ["**Это** ответ.", "это\nОТВЕТ."],
    ["- 答えは、 **四** です。", "答えは、\u3000四です。"],
    // The sigma that ends a word has a form of its own, and a word's end may be white space alone.
    ["Ο ΟΔΥΣΣΕΥΣ ΗΡΘΕ", "οοδυσσευσηρθε"],
    [`${"𐐀".repeat(100)} end`, `x${"𐐨".repeat(100)}END`.slice(1)],
  ];
  const other: [string, string][] = [
    ["It is -5.", "It is 5."],
    ["2*3", "23"],
    ["2 * 3 * 4", "2 3 4"],
    ["snake_case_name", "snakecasename"],
    ["x**2**y", "x2y"],
    ["yes", "no"],
    [`${"long ".repeat(100)}end`, `${"long ".repeat(100)}start`],
    ["это да", "это нет"],
    [`${"слово ".repeat(100)}да`, `${"слово ".repeat(100)}нет`],
    [`四${"。".repeat(300)}`, `五${"。".repeat(300)}`],
  ];
  for (const [a, b] of same) assert.ok(sameButForm(a, b) && sameButForm(b, a), `${a} | ${b}`);
  for (const [a, b] of other) assert.ok(!sameButForm(a, b) && !sameButForm(b, a), `${a} | ${b}`);
  assert.ok(!sameButForm("**".repeat(20_000), "__".repeat(20_001)));
});

Deno.test("Texts that differ in white space and case alone have the same form, in any script", () => {
  const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 9 })
    .map((text) => text.replaceAll(/[\s*_`#>+<ς-]/gu, "").toLowerCase());
  const words = fc.array(word, { maxLength: 99 });
  fc.assert(fc.property(words, (words) => {
    // Upper case is no way to and fro: "ß" is "SS" there.
    const shouted = words.map((word) => {
      const upper = word.toUpperCase();
      return upper.toLowerCase() === word ? upper : word;
    });
    assert.ok(sameButForm(words.join(" "), shouted.join("\n\n")));
  }));
});

Deno.test("Words of ASCII text are the same by the quick pattern and by Unicode's", () => {
  fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
    assert.deepEqual(wordsOf(`${text} é`), [...wordsOf(text), "é"]);
  }));
});

Deno.test("A frequent text is found among any number of rare ones, its count nearly exact", () => {
  const texts = new FrequentTexts();
  for (let at = 0; at < 60_000; at++) texts.add(at % 10 === 3 ? "often" : `rare ${at}`, `p${at}`);
  const { text, count, ids } = texts.most();
  assert.deepEqual([text, ids.length, ids[0]], ["often", 100, "p3"]);
  assert.ok(count > 6000 - 60_000 / 4096 && count <= 6000, String(count));
});

Deno.test("Of texts that are all rare none is frequent, however many there are", () => {
  const texts = new FrequentTexts();
  for (let at = 0; at < 4096; at++) texts.add(`rare ${at}`, `p${at}`);
  assert.deepEqual(texts.most(), { text: "", count: 0, ids: [] });
  const every = Array.from({ length: 4096 }, (_, at) => ({ ...sound(at), source: `s${at}` }));
  assert.equal(looked(every).find(({ gate }) => gate === "source")!.value, 0);
  const signs = forty((pair) => ({ ...pair, chosen: "\u2713", rejected: "\u2717" }));
  assert.equal(looked(signs).find(({ gate }) => gate === "pattern")!.value, 0);
});

const WORDS = "river stone lamp cloud table green walk seven under light paper north salt wind"
  .split(" ");
/** Words at random, the same for the same number. */
function words(from: number, count: number): string {
  const random = randomFor("gate", from);
  return Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
}

/** A sound pair: sides of like length that say other things. */
const sound = (at: number) => ({
  id: `p${at}`,
  source: at % 2 ? "one" : "two",
  prompt: words(at, 20),
  chosen: `${at} ${words(at + 1, 9 + at % 3)}`,
  rejected: `${words(at + 2, 9 + (at + 1) % 3)} ${at}`,
});
type Planted = ReturnType<typeof sound>;

/** What is planted in some of forty pairs, by the gate that must find it. */
const PLANTED: Record<Exclude<GateName, "duplicates">, (pair: Planted, at: number) => Planted> = {
  length: (pair, at) => ({ ...pair, chosen: `${pair.chosen} ${words(at + 3, 8)}` }),
  form: (pair, at) =>
    at % 10 === 0 ? { ...pair, rejected: `**${pair.chosen.toUpperCase()}**` } : pair,
  near: (pair, at) =>
    at % 10 === 0 ? { ...pair, chosen: words(at, 40), rejected: `${words(at, 40)} indeed` } : pair,
  source: (pair, at) => ({ ...pair, source: at === 5 ? "two" : "one" }),
  pattern: (pair, at) => at % 2 ? { ...pair, chosen: `Sure! Here you are: ${at}` } : pair,
  copied: (pair, at) => at % 4 === 0 ? { ...pair, chosen: `${at} ${pair.prompt} so` } : pair,
};

function looked(pairs: Planted[], limits: Partial<Record<GateName, number>> = {}) {
  const gate = new PairGate(limits);
  for (const { prompt, ...pair } of pairs) {
    gate.add({ ...pair, prompt: [{ role: "user", content: prompt }] });
  }
  return gate.findings();
}
const forty = (change: (pair: Planted, at: number) => Planted = (pair) => pair) =>
  Array.from({ length: 40 }, (_, at) => change(sound(at), at));

Deno.test("Nothing stands out in sound pairs", () => {
  const findings = looked(forty());
  assert.deepEqual(findings.filter(({ standsOut }) => standsOut).map(({ words }) => words), []);
});

for (const [name, plant] of Object.entries(PLANTED)) {
  Deno.test(`What is planted for ${name} stands out, with its rows`, () => {
    const out = looked(forty(plant)).filter(({ standsOut }) => standsOut);
    // Answers that all open alike are long too, or short.
    const found = out.find(({ gate }) => gate === name);
    assert.ok(found, JSON.stringify(out.map(({ words }) => words)));
    assert.ok(found.rows.length > 0 && found.rows.every(({ gate, id }) => gate === name && id));
    const others = out.filter(({ gate }) => gate !== name && gate !== "length");
    assert.deepEqual(others.map(({ words }) => words), []);
  });
}

Deno.test("Cohen's d is the difference of the means by the root of the mean variance", () => {
  const pair = (chosen: number, rejected: number, at: number) => ({
    ...sound(at),
    chosen: "a".repeat(chosen),
    rejected: "b".repeat(rejected),
  });
  // Means 6 and 3, variances 4 and 1: 3 / √2.5.
  const value = looked([pair(4, 2, 0), pair(6, 3, 1), pair(8, 4, 2)])[0]!.value;
  assert.ok(Math.abs(value - 3 / Math.sqrt(2.5)) < 1e-12, String(value));
});

const recordOf = ({ id, source, prompt, chosen, rejected }: Planted) => ({
  id,
  source,
  prompt: [{ role: "user", content: prompt }],
  format: "chat",
  model: "m",
  reward_model: "r",
  responses: [chosen, rejected].map((answer, index) => ({
    ...chatReply(answer, index),
    score: -index,
  })),
});

async function built(dir: string, pairs: Planted[], gate: string[] = []) {
  const lines: string[] = [];
  const path = await put(
    join(dir, "scored.jsonl"),
    pairs.map((pair) => JSON.stringify(recordOf(pair))).join("\n"),
  );
  const options = {
    in: path,
    out: join(dir, "out"),
    format: "chat" as const,
    tokenizer: await makeTokenizer(join(dir, "tokenizer")),
    minResponses: 2,
    trainSplit: 0.5,
    gate,
    overwrite: true,
  };
  const log = (line: string) => lines.push(line);
  return { result: await buildDpo(options, { context: { log } }), lines, out: options.out };
}

Deno.test("What stands out is in the last line, the card, the manifest, and gate.jsonl", () =>
  inTemp(async (dir) => {
    const { result, lines, out } = await built(dir, forty(PLANTED.form));
    const said = "4 of 40 pairs differ in form alone (p0, p10, p20, …)";
    assert.ok(lines.some((line) => line.includes(said)), lines.join("\n"));
    const card = await Deno.readTextFile(join(out, "README.md"));
    assert.ok(card.includes("## What stands out") && card.includes("differ in form alone"));
    const { gate, stands_out } = result.manifest.extra as Record<string, unknown>;
    assert.deepEqual(stands_out, [said]);
    assert.equal((gate as Record<string, number>).form, 0.1);
    const rows = await jsonLines(join(out, "gate.jsonl"));
    assert.deepEqual(rows.map(({ id }) => id), ["p0", "p10", "p20", "p30"]);
    const listed = result.manifest.outputs.find(({ path }) => path === "gate.jsonl");
    assert.equal(listed?.rows, 4);
    const page = await Deno.readTextFile(join(out, "report.html"));
    assert.ok(page.includes("What stands out") && page.includes("differ in form alone"));
  }));

Deno.test("A gate refuses: nothing is built, and --exclude-ids takes its file to go on", () =>
  inTemp(async (dir) => {
    const pairs = forty(PLANTED.copied), rows = join(dir, "out.gate.jsonl");
    await assert.rejects(built(dir, pairs, ["copied=0", "form=0"]), (error: Error) => {
      assert.ok(error instanceof RunError);
      assert.match(error.message, /^--gate copied=0: 10 of 40 pairs have an answer that copies 13/);
      assert.ok(error.message.endsWith(`the rows are in ${rows}, which --exclude-ids takes`));
      assert.ok(!error.message.includes("form=0"));
      return true;
    });
    await assert.rejects(Deno.stat(join(dir, "out")));
    assert.equal((await jsonLines(rows)).length, 10);
    await assert.rejects(built(dir, pairs, ["copied=0"]), RunError);
    const { result } = await built(dir, pairs, ["copied=0.3"]);
    assert.equal(result.manifest.counts.kept, 40);
    const cleaned = await buildDpo({
      in: join(dir, "scored.jsonl"),
      out: join(dir, "cleaned"),
      format: "chat",
      tokenizer: join(dir, "tokenizer"),
      minResponses: 2,
      gate: ["copied=0"],
      excludeIds: rows,
    }, { context: { log: () => {} } });
    assert.deepEqual(cleaned.manifest.counts.rejected_by_reason, { excluded_id: 10 });
  }));

Deno.test("Prompts of validation that nearly stand in train are refused by their ids", () =>
  inTemp(async (dir) => {
    const long = (at: number, word: string) => `${words(Math.floor(at / 2), 60)} ${word}`;
    const twice = forty((pair, at) => ({ ...pair, prompt: long(at, at % 2 ? "now" : "then") }));
    await assert.rejects(
      built(dir, twice, ["duplicates=0.1"]),
      /\d+ of \d+ prompts of validation nearly/,
    );
    const found = await jsonLines(join(dir, "out.gate.jsonl"));
    assert.ok(
      found.length > 4 &&
        found.every(({ detail }) => /nearly the prompt of id p\d+/.test(String(detail))),
    );
    await built(dir, forty(), ["duplicates=0"]);
  }));

Deno.test("A gate that is none is bad input in one line", () =>
  inTemp(async (dir) => {
    for (
      const [word, said] of [
        ["lenght=1", "did you mean length"],
        ["form", "X a number from 0 to 1"],
        ["form=2", "X a number from 0 to 1"],
        ["length=-1", "X a number at least 0"],
        ["length=", "X a number at least 0"],
      ] as const
    ) {
      await assert.rejects(built(dir, forty(), [word]), (error: Error) => {
        assert.ok(error instanceof InputError && error.message.includes(said), error.message);
        return true;
      });
    }
    assert.equal(Object.keys(GATES).length, 7);
  }));
