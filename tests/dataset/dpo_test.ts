import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/core/errors.ts";
import { numpyPermutation } from "../../lib/core/numpy_random.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { readParquetRows } from "../../lib/io/rows/parquet_rows.ts";
import { inFolder, quiet, rejectsOf, scoredRecord, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";

type Row = Record<string, unknown>;

async function rowsOf(out: string, split: string, folder = "data"): Promise<Row[]> {
  const file = join(out, folder, `${split}-00000-of-00001.parquet`);
  return await Array.fromAsync(readParquetRows(file));
}

const scores = [0.5, 2.25, -1, 1];

Deno.test(
  "The default layout is TRL's explicit conversational one, with the scores",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "scored.jsonl"), [scoredRecord("a", scores)]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    await buildDpo({ in: path, out, tokenizer, trainSplit: 1 }, { context: quiet });
    const turn = (index: number) => [{
      role: "assistant",
      content: `<think>\nThought ${index} of a.\n</think>\n\nAnswer ${index} to a.`,
    }];
    assert.deepEqual(await rowsOf(out, "train"), [{
      id: "a",
      source: "made",
      prompt: [{ role: "user", content: "What is a?" }],
      chosen: turn(1),
      rejected: turn(2),
      score_chosen: 2.25,
      score_rejected: -1,
      enable_thinking: true,
    }]);
    // A split without rows has no file: datasets refuses to load one.
    assert.deepEqual([...Deno.readDirSync(join(out, "data"))].map(({ name }) => name), [
      "train-00000-of-00001.parquet",
    ]);
  }),
);

Deno.test(
  "Each of the four formats is written as the contract says",
  inFolder(async (folder) => {
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const expected = {
      "prompted-think": "<think> Thought 1 of a. </think>\n<response> Answer 1 to a. </response>",
      "prompted-nothink": "<response> Answer 1 to a. </response>",
      "chat-think": "<think>\nThought 1 of a.\n</think>\n\nAnswer 1 to a.",
      chat: "Answer 1 to a.",
    } as const;
    for (const format of Object.keys(expected) as (keyof typeof expected)[]) {
      const record = scoredRecord("a", scores, {}, format);
      const path = await writeLines(join(folder, `${format}.jsonl`), [record]);
      const out = join(folder, format);
      await buildDpo({ in: path, out, tokenizer, format, trainSplit: 1 }, { context: quiet });
      const [row] = await rowsOf(out, "train");
      assert.deepEqual(row!.chosen, [{ role: "assistant", content: expected[format] }]);
    }
  }),
);

Deno.test(
  "Think replies are not written without their thoughts",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "scored.jsonl"), [scoredRecord("a", scores)]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const options = { in: path, out: join(folder, "out"), tokenizer, format: "chat" } as const;
    await assert.rejects(buildDpo(options, { context: quiet }), {
      name: "InputError",
      message: /scored\.jsonl:1: format: /,
    });
  }),
);

Deno.test(
  "The split is NumPy's over the kept prompts in input order",
  inFolder(async (folder) => {
    const records = Array.from({ length: 40 }, (_, index) =>
      // Every fourth prompt gives no pair, and does not count.
      scoredRecord(`p${index}`, index % 4 === 3 ? [1, 1, 1, 1] : scores));
    const path = await writeLines(join(folder, "scored.jsonl"), records);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    await buildDpo({ in: path, out, tokenizer, seed: 7, trainSplit: 0.9 }, { context: quiet });
    const kept = records.map(({ id }) => id).filter((_, index) => index % 4 !== 3);
    const order = [...numpyPermutation(7, kept.length)].map((row) => kept[row]);
    assert.deepEqual((await rowsOf(out, "train")).map(({ id }) => id), order.slice(0, 27));
    assert.deepEqual((await rowsOf(out, "validation")).map(({ id }) => id), order.slice(27));
  }),
);

Deno.test(
  "Every prompt without a pair is rejected with its reason, and the ledger adds up",
  inFolder(async (folder) => {
    const same = scoredRecord("same", [1, 0, 0, 0]);
    for (const reply of same.responses) {
      reply.thought = "Same.";
      reply.answer = same.responses[0]!.answer;
    }
    const long = scoredRecord("long", [3, 2, 1, 0]);
    long.responses[0]!.thought = "word ".repeat(100);
    const records = [
      scoredRecord("kept", scores),
      scoredRecord("few", [1, 2, 3, null]),
      scoredRecord("tie", [1, 1, 1, 1]),
      same,
      scoredRecord("close", [1, 1.2, 1.1, 1.3]),
      long,
      scoredRecord("kept", scores),
    ];
    const path = await writeLines(join(folder, "scored.jsonl"), records);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    const options = { in: path, out, tokenizer, minMargin: 0.5, maxLength: 200 };
    const { manifest } = await buildDpo(options, { context: quiet });
    assert.deepEqual(await rejectsOf(out), [
      "few: too_few_responses",
      "tie: tie",
      "same: same_text",
      "close: margin_too_small",
      "long: too_long",
    ]);
    const { input, kept, rejected, duplicates } = manifest.counts;
    assert.deepEqual([input, kept, rejected, duplicates], [6, 1, 5, 1]);
    assert.equal(manifest.extra!.malformed_replies, 1);
  }),
);

Deno.test(
  "The length limit is exact: at the count of tokens a pair is kept, one below it is not",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "scored.jsonl"), [scoredRecord("ä", scores)]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    // A token a byte; each of the tags is one.
    const turn = "<think>\nThought 1 of ä.\n</think>\n\nAnswer 1 to ä.";
    const text = `user\nWhat is ä?\nassistant\n${turn}\n`;
    const tokens = 5 + new TextEncoder().encode(text).length;
    const at = (maxLength: number, name: string) =>
      buildDpo({ in: path, out: join(folder, name), tokenizer, maxLength }, { context: quiet });
    assert.equal((await at(tokens, "fits")).manifest.counts.kept, 1);
    await assert.rejects(at(tokens - 1, "too long"), /too_long/);
  }),
);

Deno.test(
  "Prompts of equal messages stay on one side of the split",
  inFolder(async (folder) => {
    const prompt = (index: number) => [{ role: "user" as const, content: `q${index % 10}` }];
    const records = Array.from(
      { length: 60 },
      (_, index) => scoredRecord(`p${index}`, scores, { prompt: prompt(index) }),
    );
    const path = await writeLines(join(folder, "scored.jsonl"), records);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    await buildDpo({ in: path, out, tokenizer, trainSplit: 0.5 }, { context: quiet });
    const texts = async (split: string) =>
      new Set((await rowsOf(out, split)).map(({ prompt }) => JSON.stringify(prompt)));
    const [train, validation] = [await texts("train"), await texts("validation")];
    assert.equal(train.size + validation.size, 10);
    assert.ok(train.size > 0 && validation.size > 0);
  }),
);

Deno.test(
  "All responses stand beside the pairs, malformed ones and rejected prompts included",
  inFolder(async (folder) => {
    const records = [scoredRecord("a", [...scores, null]), scoredRecord("tie", [1, 1, 1, 1])];
    const path = await writeLines(join(folder, "scored.jsonl"), records);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    await buildDpo({ in: path, out, tokenizer, withAllResponses: true }, { context: quiet });
    const rows = await rowsOf(out, "train", "all_responses");
    assert.deepEqual(rows.map(({ id }) => id), ["a", "tie"]);
    const replies = rows[0]!.responses as { score: number | null; malformed: string | null }[];
    assert.deepEqual(replies.map(({ score }) => score), [...scores, null]);
    assert.equal(replies[4]!.malformed, "missing_tag");
  }),
);

Deno.test(
  "With scores of several reward models, their mean, least or one alone decides",
  inFolder(async (folder) => {
    const record = scoredRecord("a", [0, 0, 0, 0]);
    const of = [[1, 9], [4, 4], [5, 0], [2, 2]];
    for (const [index, [x, y]] of of.entries()) record.responses[index]!.scores = { x: x!, y: y! };
    const path = await writeLines(join(folder, "scored.jsonl"), [record]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const best = async (score: string) => {
      const out = join(folder, score);
      await buildDpo({ in: path, out, tokenizer, score, trainSplit: 1 }, { context: quiet });
      const [row] = await rowsOf(out, "train");
      return [row!.chosen, row!.rejected].map((turns) =>
        Number(/Answer (\d)/.exec((turns as { content: string }[])[0]!.content)![1])
      );
    };
    // By standardized scores: x is -1.26, 0.63, 1.26, -0.63; y is 1.57, 0.07, -1.12, -0.52.
    assert.deepEqual(await best("mean"), [1, 3]);
    assert.deepEqual(await best("min"), [1, 0]);
    assert.deepEqual(await best("x"), [2, 0]);
  }),
);

Deno.test(
  "top-k-pairs gives several rows a prompt, all on one side",
  inFolder(async (folder) => {
    const records = Array.from({ length: 20 }, (_, index) => scoredRecord(`p${index}`, scores));
    const path = await writeLines(join(folder, "scored.jsonl"), records);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    const options = { in: path, out, tokenizer, strategy: "top-k-pairs", trainSplit: 0.5 } as const;
    const { manifest } = await buildDpo(options, { context: quiet });
    assert.deepEqual(manifest.extra!.pairs, { all: 40, train: 20, validation: 20 });
    const train = new Set((await rowsOf(out, "train")).map(({ id }) => id));
    for (const { id } of await rowsOf(out, "validation")) assert.ok(!train.has(id));
  }),
);

Deno.test(
  "A crash on the way leaves OUT as it was, and nothing beside it",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "scored.jsonl"), [scoredRecord("a", scores)]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    await buildDpo({ in: path, out, tokenizer }, { context: quiet });
    const before = await Deno.readTextFile(join(out, "manifest.json"));
    await Deno.writeTextFile(path, '{"id": "b"\n', { append: true });
    const building = buildDpo({ in: path, out, tokenizer, overwrite: true }, { context: quiet });
    await assert.rejects(building, InputError);
    assert.equal(await Deno.readTextFile(join(out, "manifest.json")), before);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "out",
      "scored.jsonl",
      "tokenizer",
    ]);
  }),
);

Deno.test(
  "A stop ends the build and leaves nothing",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "scored.jsonl"), [scoredRecord("a", scores)]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const signal = AbortSignal.abort(new Error("stopped"));
    const building = buildDpo({ in: path, out: join(folder, "out"), tokenizer }, {
      context: {
        ...quiet,
        signal,
      },
    });
    await assert.rejects(building, /stopped/);
    assert.throws(() => Deno.statSync(join(folder, "out")), Deno.errors.NotFound);
  }),
);
