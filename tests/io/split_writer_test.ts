import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { sha256 } from "../../lib/core/canonical.ts";
import { readArrowRows } from "../../lib/io/rows/arrow_rows.ts";
import type { Columns, Value } from "../../lib/io/write/columns.ts";
import { RowSpool } from "../../lib/io/disk/row_spool.ts";
import { SplitWriter } from "../../lib/io/write/split_writer.ts";
import { ShardFiles } from "../../lib/io/write/shard_files.ts";
import { countParquetRows, readParquetRows } from "../../lib/io/rows/parquet_rows.ts";

const columns: Columns = {
  text: "string",
  number: "float64",
  whole: "int64",
  yes: "bool",
  list: { list: { struct: { role: "string", score: "float64" } } },
};
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const row = fc.record({
  text: nullable(fc.string({ unit: "grapheme" })),
  number: nullable(fc.double({ noNaN: true })),
  whole: nullable(fc.maxSafeInteger()),
  yes: nullable(fc.boolean()),
  list: nullable(fc.array(
    fc.record({ role: nullable(fc.string()), score: nullable(fc.integer()) }),
    { maxLength: 3 },
  )),
});

Deno.test("Rows come back from Parquet and Arrow as they were written, over many row groups", async () => {
  const root = await Deno.makeTempDir();
  try {
    const rows = fc.sample(row, { numRuns: 2500, seed: 11 });
    const place = { root, split: "train", folder: "data", arrowFolder: "arrow" };
    const writer = new SplitWriter(place, columns);
    for (const each of rows) await writer.write(each as Record<string, Value>);
    const { rows: count, parquet, arrow } = await writer.close();
    assert.equal(count, 2500);
    for (const { path, sha256: hash, rows } of [...parquet, ...arrow]) {
      assert.equal(hash, sha256(await Deno.readFile(join(root, path))));
      assert.equal(rows, 2500);
    }
    const back = await Array.fromAsync(readArrowRows(join(root, arrow[0]!.path)));
    assert.deepEqual(back, rows.map((each) => structuredClone(each)));
    const some = await Array.fromAsync(readParquetRows(join(root, parquet[0]!.path)));
    assert.deepEqual(some.map(({ text }) => text), rows.map(({ text }) => text));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("A row's bytes may be overwritten once it is given, within a row group and after it", async () => {
  const root = await Deno.makeTempDir();
  try {
    const place = { root, split: "train", folder: "data", arrowFolder: "arrow" };
    const writer = new SplitWriter(place, { text: "string", list: { list: "string" } });
    const buffer = new Uint8Array(2 << 20);
    // Three groups: of 1,000 rows, of the few that are long, and of the rest.
    const lengths = Array.from({ length: 1600 }, (_, row) => row % 700 === 699 ? 1_800_000 : row);
    const long = Array.from({ length: 9 }, () => 1_900_000);
    const units = ["a", "é", "語", "🙂"];
    const texts = [...lengths.slice(0, 1100), ...long, ...lengths.slice(1100)]
      .map((length, row) => `${row}:${units[row % 4]!.repeat(length / 4)}`);
    for (const text of texts) {
      const { written } = new TextEncoder().encodeInto(text, buffer);
      const bytes = buffer.subarray(0, written);
      await writer.write({ text: bytes, list: [bytes, text, bytes] });
      buffer.fill(0x3f);
    }
    const { parquet, arrow } = await writer.close();
    const rows = texts.map((text) => ({ text, list: [text, text, text] }));
    const written = await Array.fromAsync(readArrowRows(join(root, arrow[0]!.path)));
    assert.ok(rows.every(({ text }, at) => written[at]!.text === text));
    assert.deepEqual(written.slice(0, 30), rows.slice(0, 30));
    const read = await Array.fromAsync(readParquetRows(join(root, parquet[0]!.path)));
    assert.ok(
      rows.every(({ text, list }, at) =>
        read[at]!.text === text && String(read[at]!.list) === String(list)
      ),
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("A split that cannot be written fails with the file system's own error, and others go on", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(root, "taken"), "a file where the folder would be");
    const broken = new SplitWriter({ root, split: "train", folder: "taken" }, { n: "float64" });
    const sound = new SplitWriter({ root, split: "train", folder: "data" }, { n: "float64" });
    const fill = async (writer: SplitWriter) => {
      for (let n = 0; n < 3500; n++) await writer.write({ n });
      return await writer.close();
    };
    const [failed, written] = await Promise.allSettled([fill(broken), fill(sound)]);
    assert.ok(failed.status === "rejected" && failed.reason instanceof Deno.errors.AlreadyExists);
    await broken.abandon();
    assert.ok(written.status === "fulfilled");
    assert.equal(await countParquetRows(join(root, written.value.parquet[0]!.path)), 3500);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("A script that may read its data alone writes many row groups, and is asked for nothing", async () => {
  const root = await Deno.makeTempDir();
  try {
    const module = new URL("../../lib/io/write/split_writer.ts", import.meta.url);
    const script = join(root, "script.ts");
    await Deno.writeTextFile(
      script,
      `import { SplitWriter } from "${module}";
      const place = { root: Deno.args[0], split: "train", folder: "data", arrowFolder: "arrow" };
      const writer = new SplitWriter(place, { n: "float64" });
      for (let n = 0; n < 2500; n++) await writer.write({ n });
      console.log((await writer.close()).rows);`,
    );
    const config = ["--config", new URL("../../deno.json", import.meta.url).pathname];
    const may = ["--no-prompt", `--allow-read=${root}`, `--allow-write=${root}`, "--allow-env"];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", ...config, ...may, script, root],
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.equal(new TextDecoder().decode(stdout), "2500\n");
    assert.equal(code, 0);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("A writer that is given up writes nothing more, and leaves its folder to be removed", async () => {
  const root = await Deno.makeTempDir();
  const writer = new SplitWriter({ root, split: "train", folder: "data" }, { n: "float64" });
  for (let n = 0; n < 2000; n++) await writer.write({ n });
  await writer.abandon();
  await Deno.remove(root, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await assert.rejects(Deno.stat(root), Deno.errors.NotFound);
});

Deno.test("A sample of a Parquet file has as many rows as asked for, from all over the file", async () => {
  const root = await Deno.makeTempDir();
  try {
    const writer = new SplitWriter({ root, split: "train", folder: "data" }, { n: "float64" });
    for (let n = 0; n < 2500; n++) await writer.write({ n });
    const path = join(root, (await writer.close()).parquet[0]!.path);
    assert.equal(await countParquetRows(path), 2500);
    for (const sample of [1, 5, 30, 2499]) {
      const rows = await Array.fromAsync(readParquetRows(path, { sample }));
      const numbers = rows.map(({ n }) => n as number);
      assert.equal(new Set(numbers).size, sample);
      assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
      if (sample >= 5) assert.ok(numbers.at(-1)! >= 2000);
    }
    assert.equal((await Array.fromAsync(readParquetRows(path, { sample: 9999 }))).length, 2500);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("A new shard begins where one is full; names hold the count", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const shards = new ShardFiles<string>({
      folder,
      prefix: "train",
      extension: "txt",
      maxBytes: 5,
      encode: (sink) => ({
        write: (text) => Promise.resolve(sink.write(new TextEncoder().encode(text))),
        close: () => Promise.resolve(),
      }),
    });
    for (const text of ["abc", "def", "ghi"]) await shards.write(text, 1);
    const files = await shards.close();
    assert.deepEqual(files.map(({ path, rows, bytes }) => [path, rows, bytes]), [
      ["train-00000-of-00002.txt", 2, 6],
      ["train-00001-of-00002.txt", 1, 3],
    ]);
    assert.equal(await Deno.readTextFile(join(folder, files[1]!.path)), "ghi");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("A spool gives rows back in any order, between appends too", async () => {
  const folder = await Deno.makeTempDir();
  const spool = new RowSpool(join(folder, "spool"));
  try {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const rows = fc.sample(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 5 }), {
      numRuns: 3000,
      seed: 5,
    });
    rows[100] = ["x".repeat(1_500_000), "é"];
    for (const [index, row] of rows.entries()) {
      spool.append(row);
      if (index % 500 === 0) assert.deepEqual(spool.read(index >> 1).map(text), rows[index >> 1]);
    }
    const read = rows.map((_, index) => spool.read(rows.length - 1 - index).map(text));
    assert.deepEqual(read, rows.toReversed());
  } finally {
    spool.close();
    await Deno.remove(folder, { recursive: true });
  }
});
