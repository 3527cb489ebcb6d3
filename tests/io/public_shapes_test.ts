/** Rows as the public sets and tools have them. */
import assert from "node:assert/strict";
import pl from "nodejs-polars";
import type { Columns, Value } from "../../lib/io/write/columns.ts";
import { inputFiles } from "../../lib/io/inputs/input_files.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import {
  readPolicyRecords,
  readScoredRecords,
  readTeacherRecords,
} from "../../lib/io/records/read_records.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { SplitWriter } from "../../lib/io/write/split_writer.ts";
import { all, inTemp, put, refuses } from "./temp.ts";

/** A Parquet file of these rows. */
async function parquet(root: string, columns: Columns, rows: Record<string, Value>[]) {
  const writer = new SplitWriter({ root, split: "rows", folder: "written" }, columns);
  for (const row of rows) await writer.write(row);
  const { parquet: [file] } = await writer.close();
  return `${root}/${file!.path}`;
}

const user = (content: string) => ({ role: "user", content });

Deno.test("Alpaca's rows are read whole: the input after the instruction, the output as reply", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/alpaca.json`, [
      { instruction: "Translate.", input: "Hallo", output: "Hello" },
      { instruction: "Greet.", input: "", output: "<think>Who?</think>Hi" },
    ]);
    const prompts = await all(readPrompts(path));
    assert.deepEqual(prompts.map(({ messages }) => messages), [
      [user("Translate.\n\nHallo")],
      [user("Greet.")],
    ]);
    assert.notEqual(prompts[0]!.id, prompts[1]!.id);
    const records = await all(readTeacherRecords(path));
    assert.deepEqual(records.map(({ thought, response }) => [thought, response]), [
      [null, "Hello"],
      ["Who?", "Hi"],
    ]);
  }));

Deno.test("ShareGPT's conversations and OpenAI's text parts are chats", () =>
  inTemp(async (dir) => {
    const turns = [{ from: "human", value: "a" }, { from: "gpt", value: "b" }];
    const parts = [{ type: "text", text: "c" }, { type: "text", text: "d" }];
    const path = await put(`${dir}/chats.json`, [
      { conversations: turns, system: "Be brief." },
      { messages: [{ role: "user", content: parts }] },
    ]);
    const prompts = await all(readPrompts(path));
    assert.deepEqual(prompts.map(({ messages }) => messages), [
      [{ role: "system", content: "Be brief." }, user("a")],
      [user("c\nd")],
    ]);
    const image = { role: "user", content: [{ type: "image_url", image_url: {} }] };
    const other = await put(`${dir}/image.json`, [{ messages: [image] }]);
    await refuses(
      readPrompts(other),
      "messages[0].content[0]: must be a part of text",
      "image_url",
    );
  }));

Deno.test("a reasoning set's last turn gives thought and reply, inline or beside", () =>
  inTemp(async (dir) => {
    const last = [
      { content: "<think>\nt\n</think>\n\nr" },
      { content: "<think> t </think>\n<response> r </response>" },
      { content: "r", reasoning_content: "t" },
      { content: "r", thinking: "t" },
    ];
    const rows = last.map((turn) => ({ messages: [user("p"), { role: "assistant", ...turn }] }));
    const path = await put(`${dir}/sft.json`, rows);
    for (const { messages, thought, response } of await all(readTeacherRecords(path))) {
      assert.deepEqual([messages, thought, response], [[user("p")], "t", "r"]);
    }
    const none = await put(`${dir}/none.json`, [{ messages: [user("p")] }]);
    await refuses(readTeacherRecords(none), "row 1: no reply", "end of messages");
  }));

Deno.test("replies that one already has are read as text, and a score that is no number is refused", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/r.json`, [{ prompt: "a", responses: [{ text: "b" }, "c"] }]);
    const [record] = await all(readPolicyRecords(path, { format: "chat" }));
    assert.deepEqual(record!.responses.map(({ answer }) => answer), ["b", "c"]);
    const responses = [{ answer: "b", score: NaN }];
    const columns: Columns = {
      prompt: "string",
      responses: { list: { struct: { answer: "string", score: "float64" } } },
    };
    const scored = await parquet(dir, columns, [{ prompt: "a", responses }]);
    await refuses(readScoredRecords(scored, { format: "chat" }), "responses[0].score", "not NaN");
  }));

Deno.test("ids and kept numbers beyond 2^53 keep every digit, from JSON and from Parquet", () =>
  inTemp(async (dir) => {
    const big = "9007199254740993";
    const json = `{"id": ${big}, "prompt": "a", "tweet": ${big}}\n{"id": 7, "prompt": "b"}\n`;
    const read = await all(readPrompts(await put(`${dir}/a.jsonl`, json), { keep: ["tweet"] }));
    assert.deepEqual(read.map(({ id }) => id), [big, "7"]);
    assert.deepEqual(read.map(({ extra }) => extra!.tweet), [big, null]);
    const numbers = [2 ** 60, 3].map((tweet) => ({ prompt: "a", tweet }));
    const path = await parquet(dir, { prompt: "string", tweet: "int64" }, numbers);
    const rows = (await all(readRows(path))).map(({ row }) => (row as { tweet: unknown }).tweet);
    assert.deepEqual(rows, ["1152921504606846976", 3]);
  }));

Deno.test("a Parquet file whose name holds a pattern is read itself, not what the pattern fits", () =>
  inTemp(async (dir) => {
    for (const [name, prompt] of [["x1", "other"], ["x[1]", "own"], ["x*", "star"]]) {
      pl.DataFrame({ prompt: [prompt] }).writeParquet(`${dir}/${name}.parquet`);
    }
    for (const [name, own] of [["x[1]", "own"], ["x*", "star"]]) {
      const [prompt] = await all(readPrompts(`${dir}/${name}.parquet`));
      assert.equal(prompt!.messages[0]!.content, own);
    }
  }));

Deno.test("several inputs are read one after the other, and one is not taken twice", () =>
  inTemp(async (dir) => {
    const a = await put(`${dir}/a.json`, [{ prompt: "a" }]);
    const b = await put(`${dir}/b.csv`, "prompt\nb\n");
    const prompts = await all(readPrompts([a, b]));
    assert.deepEqual(prompts.map(({ source }) => source), ["a", "b"]);
    await assert.rejects(inputFiles([a, a]), /a\.json: given twice/);
  }));
