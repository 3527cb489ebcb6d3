import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/core/errors.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { readParquetRows } from "../../lib/io/rows/parquet_rows.ts";
import { inFolder, quiet, rejectsOf, teacherRecord, writeLines } from "./records.ts";
import { DOUBLES_THOUGHT, DROPS_THOUGHT, makeTokenizer, OPENS_THOUGHT } from "./tiny_tokenizer.ts";

type Row = Record<string, unknown>;

async function rowsOf(out: string, folder = "data"): Promise<Row[]> {
  const file = join(out, folder, "train-00000-of-00001.parquet");
  return await Array.fromAsync(readParquetRows(file));
}

const three = ["a", "b", "c"].map((id) => teacherRecord(id));
const chat = (id: string, turn: string) =>
  `<|bos|><|im_start|>user\nWhat is ${id}?<|im_end|>\n<|im_start|>assistant\n${turn}<|im_end|>\n`;

Deno.test(
  "A think set has the contract's columns, the thought in its turn, and both configurations",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), three);
    const dir = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    const { manifest } = await buildSft({ in: path, out, tokenizer: [`t=${dir}`] }, {
      context: quiet,
    });
    const turn = "<think>\nI think of b.\n</think>\n\nIt is b.";
    const prompt = [{ role: "user", content: "What is b?" }];
    const reply = { role: "assistant", content: turn };
    const [, row] = await rowsOf(out);
    assert.deepEqual(row, {
      id: "b",
      source: "made",
      messages: [...prompt, reply],
      text: chat("b", turn),
      enable_thinking: true,
    });
    const [, completion] = await rowsOf(out, "prompt_completion");
    const rest = { completion: [reply], enable_thinking: true };
    assert.deepEqual(completion, { id: "b", source: "made", prompt, ...rest });
    assert.deepEqual(
      [manifest.counts.input, manifest.counts.kept, manifest.inputs[0]!.rows],
      [3, 3, 3],
    );
    assert.deepEqual(manifest.models, ["teacher"]);
  }),
);

Deno.test(
  "A prompted model's tokenizer gets its own tags, and the other variant is refused",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), three);
    const dir = await makeTokenizer(join(folder, "nothink"), { variant: "nothink" });
    const options = { in: path, out: join(folder, "out"), tokenizer: [dir] };
    await assert.rejects(buildSft(options, { context: quiet }), InputError);
    await buildSft({ ...options, variant: "nothink" }, { context: quiet });
    const [row] = await rowsOf(options.out);
    assert.equal(row!.text, chat("a", "<response> It is a. </response>"));
  }),
);

Deno.test(
  "Several tokenizers get a folder each, of the same rows",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), three);
    const chatty = await makeTokenizer(join(folder, "chatty"));
    const prompted = await makeTokenizer(join(folder, "prompted"), { variant: "think" });
    const out = join(folder, "out");
    const tokenizer = [`x=${chatty}`, `y=${prompted}`];
    const { manifest } = await buildSft({ in: path, out, tokenizer }, { context: quiet });
    const [x, y] = [await rowsOf(join(out, "x")), await rowsOf(join(out, "y"))];
    assert.deepEqual(x.map(({ id }) => id), y.map(({ id }) => id));
    assert.notEqual(x[0]!.text, y[0]!.text);
    const paths = manifest.outputs.map((file) => file.path);
    assert.ok(
      paths.includes("x/README.md") && paths.includes("y/data/train-00000-of-00001.parquet"),
    );
    for (const name of ["README.md", "manifest.json", "rejects.jsonl"]) {
      assert.ok(Deno.statSync(join(out, "y", name)).isFile);
    }
  }),
);

Deno.test(
  "Twins are of equal ids and answers, and the manifest proves it",
  inFolder(async (folder) => {
    const records = [...three, teacherRecord("d", { thought: null })];
    const path = await writeLines(join(folder, "teacher.jsonl"), records);
    const tokenizer = [`t=${await makeTokenizer(join(folder, "tokenizer"))}`];
    const out = join(folder, "out");
    const { manifest } = await buildSft({ in: path, out, tokenizer, twins: true }, {
      context: quiet,
    });
    const [think, nothink] = [await rowsOf(join(out, "think")), await rowsOf(join(out, "nothink"))];
    assert.deepEqual(think.map(({ id }) => id), ["a", "b", "c"]);
    assert.deepEqual(nothink.map(({ id }) => id), ["a", "b", "c"]);
    const twins = manifest.extra!.twins as { datasets: { answers_sha256: string }[] };
    const hashes = twins.datasets.map(({ answers_sha256 }) => answers_sha256);
    assert.equal(hashes.length, 2);
    assert.equal(hashes[0], hashes[1]);
    assert.deepEqual(await rejectsOf(out), ["d: no_thought"]);
  }),
);

Deno.test(
  "Every reply that cannot be a row is rejected with its reason",
  inFolder(async (folder) => {
    const records = [
      three[0],
      teacherRecord("none", { thought: null }),
      teacherRecord("empty", { response: " \n" }),
      teacherRecord("tag", { thought: "a </think> b" }),
      teacherRecord("cut", { finish_reason: "length" }),
      teacherRecord("flagged", { thought_flags: ["mentions_instruction"] }),
      teacherRecord("half", { response: "\ud83d" }),
      three[0],
    ];
    const path = await writeLines(join(folder, "teacher.jsonl"), records);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const out = join(folder, "out");
    const { manifest } = await buildSft({ in: path, out, tokenizer, dropFlagged: true }, {
      context: quiet,
    });
    assert.deepEqual(await rejectsOf(out), [
      "none: no_thought",
      "empty: empty_part",
      "tag: unexpected_tag",
      "cut: not_finished",
      "flagged: flagged",
      "half: invalid_unicode",
    ]);
    const { input, kept, rejected, duplicates } = manifest.counts;
    assert.deepEqual([input, kept, rejected, duplicates], [7, 1, 6, 1]);
  }),
);

for (
  const [what, template, reason] of [
    ["drops the thought", DROPS_THOUGHT, "template_drops_thought"],
    ["doubles the thought", DOUBLES_THOUGHT, "template_doubles_thought"],
    ["has another prompt than its generation prompt", OPENS_THOUGHT, "prompt_not_prefix"],
  ] as const
) {
  Deno.test(
    `A template that ${what} is found and said with the row, and nothing is left behind`,
    inFolder(async (folder) => {
      const path = await writeLines(join(folder, "teacher.jsonl"), three);
      const dir = await makeTokenizer(join(folder, "tokenizer"), { template });
      const said: string[] = [];
      const log = (line: string) => void said.push(line);
      const options = { in: path, out: join(folder, "out"), tokenizer: [`t=${dir}`] };
      await assert.rejects(buildSft(options, { context: { log } }), (error) => {
        assert.ok(error instanceof InputError);
        assert.match(
          error.message,
          new RegExp(`teacher\\.jsonl:1: ${reason}: .*chat template of t`),
        );
        return true;
      });
      assert.ok(said.some((line) => line.includes(reason)));
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
        "teacher.jsonl",
        "tokenizer",
      ]);
    }),
  );
}

Deno.test(
  "A thought whose words the prompt quotes is not taken for doubled",
  inFolder(async (folder) => {
    const record = teacherRecord("q", {
      thought: "user",
      messages: [{ role: "user", content: "Say user" }],
    });
    const path = await writeLines(join(folder, "teacher.jsonl"), [record]);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const { manifest } = await buildSft({ in: path, out: join(folder, "out"), tokenizer }, {
      context: quiet,
    });
    assert.equal(manifest.counts.kept, 1);
  }),
);

Deno.test(
  "An id that comes again with other content is refused by file, line and id",
  inFolder(async (folder) => {
    const records = [three[0], teacherRecord("a", { response: "Something else." })];
    const path = await writeLines(join(folder, "teacher.jsonl"), records);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const building = buildSft({ in: path, out: join(folder, "out"), tokenizer }, {
      context: quiet,
    });
    await assert.rejects(building, { name: "InputError", message: /teacher\.jsonl:2: id "a" / });
  }),
);

Deno.test(
  "Run again over itself, nothing is done; other options need overwrite; equal builds are equal bytes",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), three);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const options = { in: path, out: join(folder, "out"), tokenizer, saveToDisk: true };
    const first = await buildSft(options, { context: quiet });
    const said: string[] = [];
    const again = await buildSft(options, { context: { log: (line) => void said.push(line) } });
    assert.equal(again.built, false);
    assert.match(said.join(), /nothing to do/);
    await assert.rejects(
      buildSft({ ...options, license: "mit" }, { context: quiet }),
      /--overwrite/,
    );
    const other = await buildSft({ ...options, license: "mit", overwrite: true }, {
      context: quiet,
    });
    assert.ok(other.built);
    const elsewhere = await buildSft({ ...options, out: join(folder, "out2") }, { context: quiet });
    assert.deepEqual(elsewhere.manifest.outputs, first.manifest.outputs);
  }),
);

Deno.test(
  "A build that was killed while it wrote its page gets the page when it is run again",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), three);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const options = { in: path, out: join(folder, "out"), tokenizer };
    await buildSft(options, { context: quiet });
    const page = join(folder, "out/report.html"), whole = await Deno.readTextFile(page);
    await Deno.rename(page, `${page}.tmp`);
    assert.equal((await buildSft(options, { context: quiet })).built, false);
    assert.equal(await Deno.readTextFile(page), whole);
    await assert.rejects(Deno.stat(`${page}.tmp`), Deno.errors.NotFound);
  }),
);

Deno.test(
  "A folder that no builder made is never replaced",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), three);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const building = buildSft({ in: path, out: folder, tokenizer, overwrite: true }, {
      context: quiet,
    });
    await assert.rejects(building, { name: "InputError", message: /no builder made it/ });
    assert.ok(Deno.statSync(path).isFile);
  }),
);

Deno.test(
  "The public layout has the seed's columns alone, takes single turns, and the first row of an id",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), [
      three[0],
      teacherRecord("a", { response: "Another." }),
      teacherRecord("sys", {
        messages: [{ role: "system", content: "Be kind." }, { role: "user", content: "Hi" }],
      }),
      teacherRecord("tag", { response: "<response> hm" }),
      three[1],
    ]);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const out = join(folder, "out");
    await buildSft({ in: path, out, tokenizer, compat: "rlmt" }, { context: quiet });
    const rows = await rowsOf(out);
    assert.deepEqual(rows.map(({ id }) => id), ["a", "b"]);
    assert.deepEqual(Object.keys(rows[0]!), ["id", "source", "messages", "text"]);
    assert.throws(() => Deno.statSync(join(out, "prompt_completion")), Deno.errors.NotFound);
    assert.deepEqual(await rejectsOf(out), ["sys: not_single_turn", "tag: unexpected_tag"]);
  }),
);

Deno.test(
  "Other programs' exports hold the same chats",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "teacher.jsonl"), three);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const out = join(folder, "out");
    await buildSft({ in: path, out, tokenizer, export: ["llama-factory", "axolotl"] }, {
      context: quiet,
    });
    const expected = (await rowsOf(out)).map(({ messages }) => ({ messages }));
    for (const program of ["llama-factory", "axolotl"]) {
      const text = await Deno.readTextFile(join(out, "export", program, "train.jsonl"));
      assert.deepEqual(text.trim().split("\n").map((line) => JSON.parse(line)), expected);
    }
    const info = await Deno.readTextFile(join(out, "export/llama-factory/dataset_info.json"));
    assert.equal(JSON.parse(info).thinkset_train.file_name, "train.jsonl");
  }),
);
