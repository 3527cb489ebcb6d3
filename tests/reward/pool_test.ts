import assert from "node:assert/strict";
import { join } from "node:path";
import { readScoredRecords } from "../../lib/io/records/read_records.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { all, inTemp, put } from "../io/temp.ts";

const reply = (text: string, index: number) => (
  { index, text, thought: null, answer: text, malformed: null, finish_reason: "stop" }
);
const record = (id: string, model: string, ...texts: string[]) => ({
  id,
  source: "made",
  prompt: [{ role: "user", content: `What is ${id}?` }],
  format: "chat",
  model,
  responses: texts.map((text, index) => ({ ...reply(text, index), completion_tokens: 1 })),
});

Deno.test("replies of two runs to one prompt are scored as one prompt's, each with its model", () =>
  inTemp(async (dir) => {
    const one = await put(
      `${dir}/one.jsonl`,
      ["a", "b"].map((id) => JSON.stringify(record(id, "one", "x", "yy"))).join("\n"),
    );
    const two = await put(`${dir}/two.jsonl`, JSON.stringify(record("a", "two", "zzz")));
    const out = join(dir, "scored");
    const options = { in: [one, two], rewardModel: "length", out };
    const model = {
      name: "length",
      version: "1",
      concurrency: 2,
      score: (items: readonly { answer: string }[]) =>
        Promise.resolve(items.map(({ answer }) => ({ score: answer.length, truncated: false }))),
      close: () => Promise.resolve(),
    };
    await scoreResponses(options, { context: { log: () => {} }, model });
    const [first, second] = await all(readScoredRecords(out));
    assert.deepEqual(first!.responses.map(({ index, model, score }) => [index, model, score]), [
      [0, "one", 1],
      [1, "one", 2],
      [2, "two", 3],
    ]);
    assert.equal(first!.model, "one, two");
    assert.deepEqual(second!.responses.map(({ model }) => model), [undefined, undefined]);
    assert.deepEqual([...Deno.readDirSync(out)].filter(({ name }) => name.includes("pool")), []);
    const again = await scoreResponses(options, { context: { log: () => {} }, model });
    assert.equal(again.worked, 0);
  }));
