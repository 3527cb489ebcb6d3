import assert from "node:assert/strict";
import fc from "fast-check";
import type { Answer } from "../../../lib/core/answer.ts";
import { ModelError } from "../../../lib/core/errors.ts";
import type { ChatModel, ChatRequest } from "../../../lib/model/chat_model.ts";
import { judgeReward } from "../../../lib/model/judge/judge_reward.ts";
import { type JudgeMode, rubricOf } from "../../../lib/model/judge/rubric.ts";
import { pairings, pointShares, type Said } from "../../../lib/model/judge/tournament.ts";

/** A judge whose verdict is a function of what it is shown. */
function scripted(say: (shown: string, request: ChatRequest) => string) {
  const asked: ChatRequest[] = [];
  const chat: ChatModel = {
    name: "scripted",
    promptsForTags: false,
    concurrency: 4,
    reply(request) {
      asked.push(request);
      return Promise.resolve({
        text: say(request.messages[0]!.content, request),
        reasoning: null,
        finishReason: "stop",
        finishReasonRaw: "stop",
        usage: { prompt_tokens: 1, completion_tokens: 1, reasoning_tokens: 0 },
      });
    },
    close: () => Promise.resolve(),
  };
  return { chat, asked };
}

function opened(mode: JudgeMode, say: (shown: string, request: ChatRequest) => string) {
  const { chat, asked } = scripted(say), lines: string[] = [];
  const model = judgeReward(chat, {
    name: "judge/scripted",
    rubric: rubricOf({ mode, criteria: [] }),
    maxTokens: 100,
    temperature: 0,
    seed: 42,
    log: (line) => lines.push(line),
  });
  return { model, asked, lines };
}

const items = (...answers: string[]) =>
  answers.map((answer) => ({
    id: "p",
    prompt: [{ role: "user" as const, content: "Say {answer} of {answer_a}" }],
    answer: answer as Answer,
  }));
const tag = (shown: string, name: string) =>
  new RegExp(`<${name}>\\n([^]*?)\\n</${name}>`).exec(shown)![1]!;
const verdict = (winner: string) => JSON.stringify({ reason: "because", winner });
const options = { maxLength: 100 };

Deno.test("a judge that prefers what stands first gives ties alone, and the flips are told", async () => {
  const { model, asked, lines } = opened("pairwise", () => verdict("A"));
  const scores = await model.score(items("one", "two", "three"), options);
  assert.deepEqual(scores.map(({ score }) => score), [0.5, 0.5, 0.5]);
  assert.match(scores[0]!.reason!, /tie by order/);
  assert.equal(asked.length, 6);
  await model.close();
  assert.match(lines[0]!, /3 of 3 comparisons went by the order of the answers \(100%\)/);
});

Deno.test("a judge that prefers the longer ranks by length, whatever the order", async () => {
  const { model } = opened(
    "pairwise",
    (shown) => verdict(tag(shown, "answer_a").length > tag(shown, "answer_b").length ? "A" : "B"),
  );
  const scores = await model.score(items("a", "aaa", "aa"), options);
  assert.deepEqual(scores.map(({ score }) => score), [0, 1, 0.5]);
  assert.match(scores[1]!.reason!, /with 0: won \(because\)/);
});

Deno.test("nonsense is unread and no score, in both modes; marks out of range are nonsense", async () => {
  for (const mode of ["pairwise", "pointwise"] as const) {
    for (
      const text of ["I like both!", "{}", '{"reason":"x","marks":{"correct":99,"helpful":1}}']
    ) {
      const { model } = opened(mode, () => text);
      for (const { score, unread } of await model.score(items("a", "b"), options)) {
        assert.equal(score, null);
        assert.equal(unread, "the verdict is no such JSON");
      }
    }
  }
});

Deno.test("marks are averaged, reasons kept, and an answer cannot fill in places of the question", async () => {
  const { model, asked } = opened("pointwise", (shown) =>
    "```json\n" +
    JSON.stringify({
      reason: "fine",
      marks: { correct: tag(shown, "answer").length, helpful: 4 },
    }) +
    "\n```");
  const [score] = await model.score(items("{prompt}"), options);
  assert.equal(score!.score, 6);
  assert.equal(score!.reason, "correct 8, helpful 4: fine");
  const shown = asked[0]!.messages[0]!.content;
  assert.ok(shown.includes("Say {answer} of {answer_a}"), "a prompt's own braces stand");
  assert.deepEqual(
    Object.keys(
      (asked[0]!.schema!.schema.properties as { marks: { properties: object } }).marks.properties,
    ),
    ["correct", "helpful"],
  );
});

Deno.test("one verdict that is tried again does not ask for the others again; a refused one is unread", async () => {
  let broken = true;
  const { model, asked } = opened("pointwise", (shown) => {
    if (tag(shown, "answer") === "refused") throw new ModelError("reject", "content filter");
    if (tag(shown, "answer") === "late" && broken) {
      broken = false;
      throw new ModelError("retry", "busy");
    }
    return JSON.stringify({ reason: "ok", marks: { correct: 5, helpful: 5 } });
  });
  const three = items("good", "late", "refused");
  await assert.rejects(model.score(three, options), /busy/);
  const scores = await model.score(three, options);
  assert.deepEqual(scores.map(({ score }) => score), [5, 5, null]);
  assert.equal(scores[2]!.unread, "content filter");
  assert.equal(asked.length, 4, "three, and the late one once more");
});

Deno.test("equal answers are a tie that nobody is asked about; one answer has nothing to meet", async () => {
  const { model, asked } = opened("pairwise", () => verdict("A"));
  const same = await model.score(items("x", "x"), options);
  assert.deepEqual(same.map(({ score }) => score), [0.5, 0.5]);
  const [alone] = await model.score(items("x"), options);
  assert.equal(alone!.score, null);
  assert.equal(asked.length, 0);
});

Deno.test("of many replies each meets a few others, no two twice, and all are in one tournament", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 9 }), (n, k) => {
    const meetings = pairings(n, k);
    assert.equal(new Set(meetings.map(String)).size, meetings.length);
    assert.ok(meetings.every(([a, b]) => a >= 0 && a < b && b < n));
    const least = Math.min(n - 1, k);
    const met = Array.from(
      { length: n },
      (_, at) => meetings.flat().filter((x) => x === at).length,
    );
    // Of an odd number one waits in each round, and there is one round more.
    assert.ok(met.every((count) => count >= least && count <= least + n % 2), `${n} ${k} ${met}`);
    const group = new Set([0]);
    for (let grown = 0; grown < group.size;) {
      grown = group.size;
      for (const [a, b] of meetings) if (group.has(a) || group.has(b)) group.add(a).add(b);
    }
    assert.equal(group.size, n);
  }));
  assert.deepEqual(pairings(4, 5), [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
  assert.equal(pairings(8, 5).length, 20);
});

Deno.test("a tournament of eight ranks as the judge does, for forty verdicts", async () => {
  const { model, asked } = opened(
    "pairwise",
    (shown) => verdict(tag(shown, "answer_a").length > tag(shown, "answer_b").length ? "A" : "B"),
  );
  const scores = await model.score(items(...[..."38152647"].map((n) => "a".repeat(+n))), options);
  assert.equal(asked.length, 40);
  const best = scores.map(({ score }) => score!);
  assert.deepEqual([best[1], best[2]], [1, 0], "the longest wins all, the shortest none");
});

Deno.test("points of a tournament are as many as its meetings that could be read", () => {
  const said = fc.constantFrom<Said>("A", "B", "tie", null);
  const meeting = fc.record({ first: fc.nat(3), second: fc.nat(3), forth: said, back: said })
    .filter(({ first, second }) => first !== second);
  fc.assert(fc.property(fc.array(meeting, { maxLength: 12 }), (meetings) => {
    const scores = pointShares(4, meetings);
    const read = meetings.filter(({ forth, back }) => forth !== null && back !== null);
    const played = [0, 1, 2, 3].map((at) =>
      read.filter(({ first, second }) => first === at || second === at).length
    );
    const points = scores.reduce<number>((sum, score, at) => sum + (score ?? 0) * played[at]!, 0);
    assert.ok(Math.abs(points - read.length) < 1e-9);
    scores.forEach((score, at) => assert.equal(score === null, played[at] === 0));
  }));
});

Deno.test("a rubric that lacks a place, and a criterion without words, are refused", () => {
  assert.throws(
    () => rubricOf({ mode: "pairwise", criteria: [], text: "{prompt} {answer_a}" }),
    /needs the place \{answer_b\}/,
  );
  assert.throws(() => rubricOf({ mode: "pointwise", criteria: ["kind"] }), /give NAME=WORDS/);
  const one = rubricOf({ mode: "pointwise", criteria: ["kind=Is it kind?"] });
  assert.notEqual(one.hash, rubricOf({ mode: "pointwise", criteria: ["kind=Is it?"] }).hash);
});
