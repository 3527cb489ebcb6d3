import assert from "node:assert/strict";
import { promptId } from "../../lib/core/canonical.ts";
import {
  readPolicyRecords,
  readScoredRecords,
  readTeacherRecords,
} from "../../lib/io/records/read_records.ts";
import { all, inTemp, put, refuses } from "./temp.ts";

const reply = (index: number) => ({
  index,
  text: " t </think>\n<response> a </response>",
  thought: "t" as string | null,
  answer: "a" as string | null,
  malformed: null as string | null,
  finish_reason: "stop",
  completion_tokens: 9,
});
const policy = {
  id: "p",
  source: "s",
  prompt: [{ role: "user", content: "q" }],
  format: "prompted-think",
  model: "m",
  responses: [reply(0), reply(1)],
};
const scored = {
  ...policy,
  responses: [{ ...reply(0), score: 1.5 }, { ...reply(1), score: null }],
  reward_model: "r",
};
const teacher = {
  id: "p",
  source: "s",
  messages: [{ role: "user", content: "q" }],
  thought: null,
  response: "a",
  model: "m",
  finish_reason: "stop",
  usage: { prompt_tokens: 1, completion_tokens: 2, reasoning_tokens: 0 },
};
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

Deno.test("records come back as they were written, with their place", () =>
  inTemp(async (dir) => {
    const at = (name: string, row: unknown) => put(`${dir}/${name}.jsonl`, lines(row));
    const path = await at("teacher", teacher);
    assert.deepEqual(await all(readTeacherRecords(path)), [{ ...teacher, where: `${path}:1` }]);
    const [read] = await all(readPolicyRecords(await at("policy", policy)));
    assert.deepEqual(read!.responses, policy.responses);
    const [again] = await all(readScoredRecords(await at("scored", scored)));
    assert.deepEqual(again!.responses, scored.responses);
    assert.equal(again!.reward_model, "r");
  }));

Deno.test("scored records are policy records too, and keep their scores unless told otherwise (76)", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.jsonl`, lines(scored, { ...policy, id: "other" }));
    const [first, second] = await all(readPolicyRecords(path));
    assert.deepEqual(first, { ...scored, where: `${path}:1` });
    assert.deepEqual(second!.responses, policy.responses);
    const [without] = await all(readPolicyRecords(path, { scores: false }));
    assert.deepEqual(without!.responses, policy.responses);
  }));

Deno.test("a record that breaks a rule is refused with its line, field and rule", () =>
  inTemp(async (dir) => {
    const bad = async (name: string, row: unknown) =>
      await put(`${dir}/${name}.jsonl`, lines(scored, row));
    const broken = { ...scored, responses: [reply(0), { ...reply(1), text: 5 }] };
    const path = await bad("a", broken);
    const drop = { scores: false };
    await refuses(readPolicyRecords(path, drop), `${path}:2: responses[1].text: must be text`);
    await refuses(readScoredRecords(path), `${path}:2: responses[0].score:`);
    await refuses(
      readPolicyRecords(await bad("b", { ...policy, format: "odd" })),
      "b.jsonl:2: format:",
    );
    await refuses(readTeacherRecords(await bad("c", teacher)), "c.jsonl:1");
    await refuses(readPolicyRecords(await bad("d", 5)), "d.jsonl:2: a row must be an object");
    await refuses(
      readTeacherRecords(await put(`${dir}/e.jsonl`, lines({ ...teacher, model: 3 }))),
      "e.jsonl:1: model:",
    );
  }));

Deno.test("a reply must have either an answer or the rule that it breaks", () =>
  inTemp(async (dir) => {
    for (const [answer, malformed] of [["a", "missing_tag"], [null, null]]) {
      const row = { ...policy, responses: [{ ...reply(0), answer, malformed }] };
      const path = await put(`${dir}/a.jsonl`, lines(row));
      await refuses(
        readPolicyRecords(path),
        `${path}:1: responses[0].answer: must be null exactly where`,
      );
    }
  }));

Deno.test("a public teacher file is read: its reply dropped, tags mended, ids kept apart", () =>
  inTemp(async (dir) => {
    const messages = [{ role: "user", content: "q" }, { role: "assistant", content: "old" }];
    const rows = [
      { id: "x", messages, thought: "t", response: "a", source: "w" },
      { id: null, messages, thinking: "<think> t </think>", response: "a </response>\nUser: b" },
      { id: null, messages, response: "a" },
      { id: "", messages, response: "b" },
    ];
    const repairs = new Map<string, number>();
    const path = await put(`${dir}/teacher.json`, rows);
    const read = await all(readTeacherRecords(path, { repairs }));
    const hash = promptId([{ role: "user", content: "q" }]);
    assert.deepEqual(read.map(({ id }) => id), ["x", hash, `${hash}-2`, `${hash}-3`]);
    assert.deepEqual(read.map(({ thought }) => thought), ["t", "t", null, null]);
    assert.deepEqual(read.map(({ response }) => response), ["a", "a", "a", "b"]);
    assert.deepEqual(read.map(({ source }) => source), ["w", "teacher", "teacher", "teacher"]);
    assert.deepEqual(read[0]!.messages, [{ role: "user", content: "q" }]);
    assert.deepEqual(read[1]!.repairs, [...repairs.keys()]);
    assert.deepEqual(Object.fromEntries(repairs), {
      think_tag_left_on_thought: 1,
      response_tag_left_on_answer: 1,
      run_on_text_cut: 1,
    });
  }));

Deno.test("public responses are read in each of their shapes", () =>
  inTemp(async (dir) => {
    const rows = [
      { prompt: "q", responses: [{ thought: "t </think>", answer: "a </response>\nUser: more" }] },
      {
        question: "q2",
        responses: [{ thinking: "t", answer: "a" }, " t </think> <response> a </response>"],
      },
      { prompt: "q3", responses: [] },
    ];
    const repairs = new Map<string, number>();
    const path = await put(`${dir}/responses.json`, rows);
    const read = await all(readPolicyRecords(path, { format: "prompted-think", repairs }));
    const replies = read.flatMap(({ responses }) => responses);
    assert.deepEqual(
      replies.map(({ thought, answer }) => [thought, answer]),
      Array(3).fill(["t", "a"]),
    );
    assert.deepEqual(read.map(({ responses }) => responses.length), [1, 2, 0]);
    assert.equal(repairs.get("run_on_text_cut"), 1);
    assert.equal(read[0]!.model, "unknown");
  }));

Deno.test("public responses need a format, and lists and texts where these belong", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.json`, [{ prompt: "q", responses: ["a"] }]);
    await refuses(readPolicyRecords(path), `${path} row 1: format`, "--format");
    const format = "chat" as const;
    const bad = async (row: unknown) => await put(`${dir}/b.json`, [row]);
    await refuses(
      readPolicyRecords(await bad({ prompt: "q" }), { format }),
      "responses: must be a list",
    );
    await refuses(readPolicyRecords(await bad({ responses: [] }), { format }), "no prompt");
    const number = await bad({ prompt: "q", responses: ["a", 4] });
    await refuses(
      readPolicyRecords(number, { format }),
      "row 1: responses[1]: must be text or an object",
    );
    const thinking = await bad({ prompt: "q", responses: [{ thought: "t", answer: "a" }] });
    await refuses(
      readPolicyRecords(thinking, { format }),
      "responses[0].thought: chat has no thought",
    );
  }));

Deno.test("public scores are read, a malformed reply's is dropped, a missing one is refused", () =>
  inTemp(async (dir) => {
    const good = { thought: "t </think>", answer: "a </response>", score: 2 };
    const cut = { thought: "t", answer: "a </response>", score: 3 };
    const path = await put(`${dir}/a.json`, [{ prompt: "q", responses: [good, cut] }]);
    const [read] = await all(readScoredRecords(path, { format: "prompted-think" }));
    assert.deepEqual(read!.responses.map(({ score, malformed }) => [score, malformed]), [
      [2, null],
      [null, "missing_tag"],
    ]);
    const without = await put(`${dir}/b.json`, [{ prompt: "q", responses: ["a"] }]);
    await refuses(
      readScoredRecords(without, { format: "chat" }),
      "responses[0].score: is not there",
    );
    const text = await put(`${dir}/c.json`, [{
      prompt: "q",
      responses: [{ response: "a", score: "1" }],
    }]);
    await refuses(
      readScoredRecords(text, { format: "chat" }),
      "responses[0].score: must be a number",
    );
  }));
