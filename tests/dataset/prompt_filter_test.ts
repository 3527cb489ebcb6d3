import assert from "node:assert/strict";
import { join } from "node:path";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { NearDuplicates } from "../../lib/dataset/filter/near_duplicates.ts";
import { wordsOf } from "../../lib/dataset/filter/words.ts";
import { inFolder, quiet, rejectsOf, teacherRecord, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";

const words = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `word${from + index}`).join(" ");
const asking = (id: string, content: string) =>
  teacherRecord(id, { messages: [{ role: "user", content }] });

Deno.test("Words are lower case without punctuation, and single characters of unspaced scripts", () => {
  assert.deepEqual(wordsOf("Hello, WORLD! Ｆull x2"), ["hello", "world", "full", "x2"]);
  assert.deepEqual(wordsOf("你好abc"), ["你", "好", "abc"]);
});

Deno.test("Near duplicates are found, and texts of half the same words are not", () => {
  const near = new NearDuplicates();
  assert.equal(near.add(words(0, 100)), null);
  assert.equal(near.add(`${words(0, 100)} more`), 0);
  assert.equal(near.add(`${words(0, 50)} ${words(200, 250)}`), null);
  assert.equal(near.add(words(500, 600)), null);
  assert.equal(near.add(words(500, 600).toUpperCase()), 2);
});

Deno.test(
  "Repeated and contaminated prompts are left out, each with what it repeats",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const records = await writeLines(at("t.jsonl"), [
      asking("first", words(0, 40)),
      asking("again", words(0, 40)),
      asking("nearly", `${words(0, 40)} and`),
      asking("leaked", `Please: ${words(300, 320)}?`),
      asking("shared", `Please: ${words(300, 312)}?`),
      asking("other", words(50, 90)),
    ]);
    const evaluation = await writeLines(at("eval.jsonl"), [
      { question: "Something else entirely" },
      { question: `So ${words(300, 320)}`, answer: "x" },
    ]);
    const options = {
      in: records,
      out: at("out"),
      tokenizer: [await makeTokenizer(at("tokenizer"))],
      dedupe: "near" as const,
      decontaminate: [evaluation],
    };
    const { manifest } = await buildSft(options, { context: quiet });
    assert.deepEqual(await rejectsOf(at("out")), [
      "again: exact_duplicate",
      "nearly: near_duplicate",
      "leaked: contaminated",
    ]);
    assert.deepEqual(manifest.inputs.map(({ rows }) => rows), [6, 2]);
    const [, , leaked] = (await Deno.readTextFile(at("out/rejects.jsonl"))).split("\n");
    assert.match(JSON.parse(leaked!).detail, /eval\.jsonl:2 has "word300 word301 /);
  }),
);
