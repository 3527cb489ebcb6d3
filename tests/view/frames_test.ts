import assert from "node:assert/strict";
import type { PolicyRecord, ScoredRecord, TeacherRecord } from "../../lib/core/records.ts";
import { inTemp, put } from "../io/temp.ts";
import { datasetFrame } from "../../lib/view/dataset_frame.ts";
import {
  pairsFrame,
  promptsFrame,
  repliesFrame,
  teacherFrame,
  turnsFrame,
} from "../../lib/view/frames.ts";

const user = (content: string) => ({ role: "user" as const, content });
const user2 = [user("q")];
const reply = (index: number, score: number | null) => ({
  index,
  text: `text ${index}`,
  thought: null,
  answer: score === null ? null : "a",
  malformed: score === null ? "missing_tag" : null,
  finish_reason: "stop",
  completion_tokens: 3,
  score,
});
const scored = (id: string, scores: (number | null)[]) =>
  (
    {
      id,
      source: "s",
      model: "m",
      prompt: [user("q")],
      responses: scores.map((score, i) => reply(i, score)),
    }
  ) as unknown as ScoredRecord;

const types = (frame: { schema: Record<string, unknown> }) =>
  Object.fromEntries(Object.entries(frame.schema).map(([name, type]) => [name, String(type)]));

Deno.test("replies are a row each, with the prompt's id and typed columns", async () => {
  const frame = await repliesFrame([scored("p", [1.5, null]), scored("q", [])]);
  assert.deepEqual(frame.toRecords(), [
    {
      id: "p",
      source: "s",
      index: 0,
      text: "text 0",
      thought: null,
      answer: "a",
      malformed: null,
      finish_reason: "stop",
      completion_tokens: 3,
      score: 1.5,
      model: "m",
      thought_characters: null,
      answer_characters: 1,
    },
    {
      id: "p",
      source: "s",
      index: 1,
      text: "text 1",
      thought: null,
      answer: null,
      malformed: "missing_tag",
      finish_reason: "stop",
      completion_tokens: 3,
      score: null,
      model: "m",
      thought_characters: null,
      answer_characters: null,
    },
  ]);
});

Deno.test("a column that is null for 200 rows, or has none, keeps its type", async () => {
  const expected = {
    id: "DataType(String)",
    source: "DataType(String)",
    index: "DataType(Int64)",
    text: "DataType(String)",
    thought: "DataType(String)",
    answer: "DataType(String)",
    malformed: "DataType(String)",
    finish_reason: "DataType(String)",
    completion_tokens: "DataType(Int64)",
    score: "DataType(Float64)",
    model: "DataType(String)",
    thought_characters: "DataType(Int64)",
    answer_characters: "DataType(Int64)",
  };
  const late = await repliesFrame([scored("p", [...Array(200).fill(null), 2])]);
  assert.deepEqual(types(late), expected);
  assert.equal(late.getColumn("score").get(200), 2);
  assert.equal(late.getColumn("answer").get(200), "a");
  assert.equal(late.getColumn("score").nullCount(), 200);
  for (const records of [[], [scored("p", [null])]]) {
    assert.deepEqual(types(await repliesFrame(records)), expected);
  }
});

Deno.test("replies that were not scored have a score column of nulls", async () => {
  const record = scored("p", [1]);
  delete (record.responses[0] as { score?: number }).score;
  const frame = await repliesFrame([record as PolicyRecord]);
  assert.equal(String(frame.schema.score), "DataType(Float64)");
  assert.equal(frame.getColumn("score").nullCount(), 1);
});

Deno.test("a teacher's tokens are integers, its prompt text", async () => {
  async function* records(): AsyncGenerator<TeacherRecord> {
    yield await Promise.resolve({
      id: "p",
      source: "s",
      messages: [{ role: "system", content: "be brief" }, user("q")],
      thought: "t",
      response: "r",
      model: "m",
      finish_reason: "stop",
      usage: { prompt_tokens: 1, completion_tokens: 2, reasoning_tokens: 0 },
    });
  }
  const frame = await teacherFrame(records());
  assert.deepEqual(frame.toRecords(), [{
    id: "p",
    source: "s",
    prompt: "system: be brief\n\nuser: q",
    thought: "t",
    response: "r",
    model: "m",
    finish_reason: "stop",
    prompt_tokens: 1,
    completion_tokens: 2,
    reasoning_tokens: 0,
  }]);
});

Deno.test("pairs have their margin and lengths, from messages or text", async () => {
  const frame = await pairsFrame([
    {
      id: "p",
      source: "s",
      prompt: [user("q")],
      chosen: [{ role: "assistant", content: "abc" }],
      rejected: [{ role: "assistant", content: "d" }],
      score_chosen: 2,
      score_rejected: -0.5,
    },
    { prompt: "q", chosen: "a", rejected: "b" },
  ]);
  assert.deepEqual(frame.getColumn("margin").toArray(), [2.5, null]);
  assert.deepEqual(frame.getColumn("chosen").toArray(), ["abc", "a"]);
  assert.deepEqual(frame.getColumn("chosen_characters").toArray(), [3, 1]);
  assert.equal(frame.getColumn("id").nullCount(), 1);
});

Deno.test("prompts show their turns", async () => {
  const frame = await promptsFrame([{ id: "p", source: "s", messages: [user("q")] }]);
  assert.deepEqual(frame.toRecords(), [{ id: "p", source: "s", turns: 1, prompt: "q" }]);
});

Deno.test("chats and completions are a prompt and a reply, and prompts alone have none", async () => {
  const assistant = { role: "assistant" as const, content: "abc" };
  const frame = await turnsFrame([
    { id: "p", messages: [...user2, assistant] },
    { prompt: user2, completion: [assistant] },
    { messages: user2 },
  ]);
  assert.deepEqual(frame.getColumn("prompt").toArray(), ["q", "q", "q"]);
  assert.deepEqual(frame.getColumn("reply").toArray(), ["abc", "abc", null]);
  assert.deepEqual(frame.getColumn("reply_characters").toArray().map(Number), [3, 3, 0]);
  assert.equal(frame.getColumn("reply_characters").nullCount(), 1);
});

Deno.test("a dataset's folder is a frame by what its rows hold", () =>
  inTemp(async (dir) => {
    const pair = {
      id: "p",
      prompt: "q",
      chosen: "a",
      rejected: "b",
      score_chosen: 2,
      score_rejected: 1,
    };
    const dpo = await datasetFrame(await put(`${dir}/dpo.json`, [pair]));
    assert.deepEqual(dpo.getColumn("margin").toArray(), [1]);
    const sft = await datasetFrame(new URL("../fixtures/io/saved", import.meta.url).pathname);
    assert.deepEqual(sft.getColumn("id").toArray(), [
      "train-0",
      "train-1",
      "train-2",
      "validation-0",
    ]);
    await assert.rejects(datasetFrame(`${dir}/none`), { name: "InputError" });
  }));

Deno.test("columns that were kept are typed columns of every frame, scores by model too", async () => {
  const extras = [{ level: 1, ok: true, tags: ["a"], text: "mine" }, { level: 2.5, ok: null }];
  const records = ["p", "q"].map((id, at) => ({ ...scored(id, [1]), extra: extras[at] }));
  Object.assign(records[0]!.responses[0]!, { scores: { a: 1, b: -2 } });
  const frame = await repliesFrame(records);
  const kept = ["score_a", "score_b", "level", "ok", "tags", "extra_text"];
  assert.deepEqual(frame.columns.slice(-6), kept);
  const [first, second] = frame.select(...kept).toRecords();
  assert.deepEqual(first, {
    score_a: 1,
    score_b: -2,
    level: 1,
    ok: true,
    tags: '["a"]',
    extra_text: "mine",
  });
  assert.deepEqual([second!.level, second!.ok, second!.score_a], [2.5, null, null]);
  assert.equal(types(frame).level, "DataType(Float64)");
  assert.equal(types(frame).ok, "DataType(Bool)");
  const prompts = await promptsFrame([
    { id: "p", source: "s", messages: user2, extra: { category: "x" } },
  ]);
  assert.deepEqual(prompts.getColumn("category").toArray(), ["x"]);
});
