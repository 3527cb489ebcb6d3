import assert from "node:assert/strict";
import { report } from "../../lib/stages.ts";
import { evaluate } from "../../lib/evaluate/stage.ts";
import { figureText } from "../../lib/evaluate/evaluation_table.ts";
import { bootstrap, pairedBootstrap } from "../../lib/view/bootstrap.ts";
import { Answer, type ScoredRecord } from "../../lib/core/records.ts";
import { runTask } from "../cli.ts";
import { inFolder, scoredRecord, writeLines } from "../dataset/records.ts";

interface Said {
  thought: string;
  answer: string;
  score: number;
}

/** A record whose replies say these things; null is a malformed one. */
function saying(id: string, said: (Said | null)[], fields: Partial<ScoredRecord> = {}) {
  const record = scoredRecord(id, said.map((each) => each?.score ?? null), fields);
  const responses = record.responses.map((reply, i) => {
    const { thought, answer } = said[i] ?? {};
    return thought === undefined ? reply : { ...reply, thought, answer: Answer.parse(answer!) };
  });
  return { ...record, responses };
}

const capital = (city: string, score: number, thought = `Its capital is ${city}.`): Said => ({
  thought,
  answer: `The capital is ${city}.`,
  score,
});

Deno.test(
  "right, malformed, reward, best and agreement are what a hand counts",
  inFolder(async (folder) => {
    const scored = await writeLines(`${folder}/scored.jsonl`, [
      saying("france", [
        capital("Paris", 3),
        capital("Rome", 1),
        capital("Rome", 0, "Its capital is Paris."),
        null,
      ], { source: "a" }),
      saying("italy", [capital("Rome", 1), capital("Bonn", 2), null, null], { source: "b" }),
      saying("unknown", [capital("Riga", 1)], { source: "b" }),
    ]);
    const labels = await writeLines(`${folder}/labels.jsonl`, [
      { id: "france", expected: ["The capital is Paris."] },
      { id: "italy", expected: "the capital is rome" },
    ]);
    const { runs, base } = await evaluate({ in: [scored], labels });
    const [{ figures, sources, ...run }] = runs as [typeof runs[number]];
    assert.equal(base, null);
    assert.deepEqual([run.prompts, run.replies, run.labelled], [3, 9, 2]);
    const values = Object.fromEntries(
      Object.entries(figures).map(([name, { value }]) => [name, value]),
    );
    assert.deepEqual(values, {
      right: 2 / 8,
      malformed: 3 / 9,
      rightOfWellFormed: 2 / 5,
      reward: 8 / 6,
      best: 1 / 2,
      any: 1,
      agrees: 4 / 5,
    });
    assert.deepEqual(sources.map(({ source, prompts }) => [source, prompts]), [["a", 1], ["b", 2]]);
    assert.equal(sources[0]!.figures.right!.value, 1 / 4);
  }),
);

Deno.test(
  "a change is taken over the prompts of both runs, and its sign says which is better",
  inFolder(async (folder) => {
    const run = (name: string, right: number, ids: number[]) =>
      writeLines(
        `${folder}/${name}.jsonl`,
        ids.map((id) =>
          saying(`p${id}`, [0, 1, 2, 3].map((i) => capital(i < right ? "Paris" : "Rome", i)), {
            extra: { expected: "The capital is Paris." },
          })
        ),
      );
    const ids = Array.from({ length: 30 }, (_, i) => i);
    const against = await run("base", 1, ids);
    const better = await run("better", 2, ids.concat(99)), worse = await run("worse", 0, ids);
    const { base, runs } = await evaluate({ in: [better, worse], against });
    assert.equal(base!.figures.right!.value, 0.25);
    assert.deepEqual(runs.map(({ name, unpaired }) => [name, unpaired]), [["better.jsonl", 1], [
      "worse.jsonl",
      0,
    ]]);
    assert.deepEqual(runs.map(({ figures }) => figures.right!.change), [
      { value: 0.25, low: 0.25, high: 0.25 },
      { value: -0.25, low: -0.25, high: -0.25 },
    ]);
    assert.equal(figureText("right", runs[0]!.figures.right), "50.0 +25.0 [25.0, 25.0]");
    assert.equal(figureText("right", runs[1]!.figures.right), "0.0 -25.0 [-25.0, -25.0]");
  }),
);

Deno.test("a paired interval is narrower than those of its sides, and holds the truth about as often as it says", () => {
  let inside = 0;
  for (let seed = 0; seed < 200; seed++) {
    // A linear congruential generator of its own, so that nothing is shared with the draws.
    let state = seed * 7919 + 1;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    const base = Array.from({ length: 80 }, () => ({ of: Math.floor(random() * 9), all: 8 }));
    const run = base.map(({ of, all }) => ({ of: of + 0.8 + (random() - 0.5), all }));
    const change = pairedBootstrap(run, base, { draws: 400, seed });
    const own = bootstrap(run, { draws: 400, seed });
    assert.ok(change.high - change.low < own.high - own.low);
    if (change.low <= 0.1 && 0.1 <= change.high) inside++;
  }
  assert.ok(inside > 178 && inside < 199, `${inside} of 200`);
});

Deno.test(
  "labels that meet no prompt, a column that is not there and an id twice are told in one line",
  inFolder(async (folder) => {
    const scored = await writeLines(`${folder}/scored.jsonl`, [scoredRecord("a", [1, 2])]);
    const other = await writeLines(`${folder}/other.jsonl`, [{ id: "z", expected: "x" }]);
    const tell = async (...flags: string[]) => {
      const { code, stderr } = await runTask("evaluate", ["--in", scored, ...flags]);
      assert.equal(code, 2, stderr);
      return stderr.trim();
    };
    assert.match(
      await tell("--labels", other),
      /other\.jsonl: has a label for none of the prompts/,
    );
    assert.match(
      await tell("--labels", other, "--label-key", "gold"),
      /other\.jsonl:1: gold: is not there \(--label-key\): the columns are id, expected/,
    );
    const twice = await writeLines(`${folder}/twice.jsonl`, [
      scoredRecord("a", [1]),
      scoredRecord("a", [2]),
    ]);
    assert.match(await tell("--in", twice), /twice\.jsonl:2: a: stands there twice/);
  }),
);

Deno.test(
  "a report with labels tells the same figures, the first scored run as the base",
  inFolder(async (folder) => {
    const runs = [["one", "Rome"], ["two", "Paris"]].map(([name, city]) =>
      writeLines(`${folder}/${name}.jsonl`, ["a", "b"].map((id) => saying(id, [capital(city!, 1)])))
    );
    const [one, two] = await Promise.all(runs);
    const labels = await writeLines(
      `${folder}/labels.jsonl`,
      ["a", "b"].map((id) => ({ id, expected: ["The capital is Paris."] })),
    );
    const page = `${folder}/page.html`;
    await report({ in: [one!, two!], labels, out: page });
    assert.match(
      await Deno.readTextFile(page),
      /two\.jsonl<\/td>.{0,60}100\.0 \+100\.0 \[100\.0, 100\.0\]/,
    );
    const prompts = await writeLines(`${folder}/prompts.jsonl`, [{ prompt: "Why?" }]);
    await assert.rejects(report({ in: [prompts], labels, out: page }), /none of the inputs/);
  }),
);
