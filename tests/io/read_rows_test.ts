import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import pl from "nodejs-polars";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { all, inTemp, put, refuses, zipped } from "./temp.ts";

const fixtures = new URL("../fixtures/io", import.meta.url).pathname;
const rows = async (path: string) => (await all(readRows(path))).map(({ row }) => row);
const wheres = async (path: string) => (await all(readRows(path))).map(({ where }) => where);
const two = [{ id: "a" }, { id: "b" }];
const lines = '{"id":"a"}\n{"id":"b"}\n';

Deno.test("every text form gives the same rows, plain and gzip", () =>
  inTemp(async (dir) => {
    const forms: [string, string][] = [
      ["array.json", JSON.stringify(two, null, 2)],
      ["lines.json", lines],
      ["lines.jsonl", `${lines}\n  \n`],
      ["lines.ndjson", lines.replaceAll("\n", "\r\n")],
      ["array.jsonl", JSON.stringify(two)],
      ["bom.json", `\ufeff ${JSON.stringify(two)}`],
    ];
    for (const [name, text] of forms) {
      assert.deepEqual(await rows(await put(`${dir}/${name}`, text)), two, name);
      assert.deepEqual(await rows(await put(`${dir}/${name}.gz`, zipped(text))), two, `${name}.gz`);
    }
  }));

Deno.test("a row's place is its line, or its row from 1", () =>
  inTemp(async (dir) => {
    const jsonl = await put(`${dir}/a.jsonl`, '\n{"id":"a"}\n');
    assert.deepEqual(await wheres(jsonl), [`${jsonl}:2`]);
    const json = await put(`${dir}/a.json`, two);
    assert.deepEqual(await wheres(json), [`${json} row 1`, `${json} row 2`]);
  }));

const typed = [
  {
    id: "9007199254740993",
    small: 1,
    number: 1.5,
    text: "a",
    named: "a",
    chat: [{ role: "user", content: "hé" }],
    large_chat: [{ role: "user", content: "hé" }],
    nested: [[1], [2, 3]],
    struct: { a: null, b: [1] },
    nothing: null,
    flag: true,
  },
  {
    id: "1",
    small: 2,
    number: -2,
    text: "b",
    named: "b",
    chat: [],
    large_chat: [],
    nested: [],
    struct: null,
    nothing: null,
    flag: false,
  },
  {
    id: null,
    small: null,
    number: null,
    text: null,
    named: null,
    chat: null,
    large_chat: null,
    nested: null,
    struct: { a: "x", b: null },
    nothing: null,
    flag: null,
  },
];

Deno.test("Parquet made by pyarrow gives nested values, exact ids, and no bytes", async () => {
  const path = `${fixtures}/types.parquet`;
  assert.deepEqual(await rows(path), typed);
  assert.equal((await wheres(path))[2], `${path} row 3`);
});

Deno.test("an Arrow stream made by pyarrow, in two batches, gives the same rows", async () => {
  assert.deepEqual(await rows(`${fixtures}/types.arrow`), typed);
});

Deno.test("a save_to_disk folder gives its splits in order, and a split's folder alone itself", async () => {
  const ids = async (path: string, split?: string) =>
    (await all(readRows(path, { split }))).map(({ row }) => (row as { id: string }).id);
  const train = ["train-0", "train-1", "train-2"];
  assert.deepEqual(await ids(`${fixtures}/saved`, "all"), [...train, "validation-0"]);
  assert.deepEqual(await ids(`${fixtures}/saved/train`), train);
  const [row] = await all(readRows(`${fixtures}/saved`, { split: "train" }));
  assert.equal(row!.stem, "saved");
});

Deno.test("a cut or broken Parquet or Arrow file is an error that names it", () =>
  inTemp(async (dir) => {
    const parquet = await Deno.readFile(`${fixtures}/types.parquet`);
    await refuses(
      readRows(await put(`${dir}/zero.parquet`, "")),
      "zero.parquet: the file is empty",
    );
    await refuses(readRows(await put(`${dir}/text.parquet`, lines)), "not a Parquet file");
    const cut = await put(`${dir}/cut.parquet`, parquet.slice(0, 900));
    await refuses(readRows(cut), cut, "cut short");
    const broken = parquet.slice();
    broken.fill(0x55, 4, parquet.length - 8);
    await refuses(
      readRows(await put(`${dir}/broken.parquet`, broken)),
      "broken.parquet",
      "Parquet",
    );

    const arrow = await Deno.readFile(`${fixtures}/types.arrow`);
    await refuses(readRows(await put(`${dir}/zero.arrow`, "")), "zero.arrow", "Arrow");
    await refuses(
      readRows(await put(`${dir}/text.arrow`, lines.repeat(99))),
      "text.arrow",
      "Arrow",
    );
    for (const length of [100, arrow.length - 500]) {
      await refuses(readRows(await put(`${dir}/cut.arrow`, arrow.slice(0, length))), "cut.arrow");
    }
  }));

Deno.test("a folder gives its files by name; hidden files, READMEs and manifests are passed over", () =>
  inTemp(async (dir) => {
    await put(`${dir}/b.jsonl`, '{"id":"b"}\n');
    await put(`${dir}/a.jsonl.gz`, zipped('{"id":"a"}\n'));
    await put(`${dir}/.hidden.jsonl`, "broken");
    await put(`${dir}/README.md`, "# data");
    await put(`${dir}/manifest.json`, {});
    await put(`${dir}/deeper/c.jsonl`, "broken");
    assert.deepEqual(await rows(dir), two);
  }));

Deno.test("a dataset's folder gives the Parquet files under data", () =>
  inTemp(async (dir) => {
    await put(`${dir}/README.md`, "# data");
    await put(`${dir}/manifest.json`, {});
    await put(`${dir}/rejects.jsonl`, '{"id":"x"}\n');
    await put(
      `${dir}/data/train-00000-of-00001.parquet`,
      await Deno.readFile(`${fixtures}/types.parquet`),
    );
    assert.equal((await rows(dir)).length, 3);
  }));

Deno.test("a folder of several kinds, or of none, is refused", () =>
  inTemp(async (dir) => {
    await refuses(readRows(dir), dir, "no .json, .jsonl");
    await put(`${dir}/a.jsonl`, lines);
    await put(`${dir}/a.parquet`, "");
    await refuses(readRows(dir), dir, "several kinds (a.jsonl, a.parquet)");
  }));

Deno.test("inputs without a row are refused: empty files, an empty array, blank lines", () =>
  inTemp(async (dir) => {
    for (
      const [name, text] of [["a.jsonl", ""], ["a.json", ""], ["b.json", "[]"], [
        "c.jsonl",
        "\n \n",
      ]]
    ) {
      const path = await put(`${dir}/${name}`, text);
      await refuses(readRows(path), `${path}: holds no rows`);
    }
  }));

Deno.test("other endings, absent files and single objects are refused in a line", () =>
  inTemp(async (dir) => {
    await refuses(readRows(await put(`${dir}/a.txt`, "x")), "a.txt", "must end in .json");
    await refuses(readRows(`${dir}/none.jsonl`), "none.jsonl: no such file");
    const object = await put(`${dir}/a.json`, JSON.stringify({ data: [] }, null, 2));
    await refuses(readRows(object), object, "a JSON array of rows");
    const broken = await put(`${dir}/b.jsonl`, '{"id":"a"}\n{"id":\n');
    await refuses(readRows(broken), `${broken}:2: not JSON`);
    const nan = await put(`${dir}/c.jsonl`, '{"score": NaN}\n');
    await refuses(readRows(nan), `${nan}:1`, "NaN is not a JSON number");
  }));

Deno.test("a file without read permission is refused in a line", async () => {
  const open = Deno.open;
  const path = fileURLToPath(new URL("../fixtures/io/types.arrow", import.meta.url));
  Deno.open = () => Promise.reject(new Deno.errors.PermissionDenied("os error 13"));
  try {
    await refuses(readRows(path), `${path}: no permission to read it`);
  } finally {
    Deno.open = open;
  }
});

const manifest = (extra: Record<string, unknown>) => ({
  status: "done",
  shard: { index: 0, count: 1 },
  counts: {
    input: 3,
    kept: 2,
    rejected: 0,
    pending: 1,
    duplicates: 0,
    other: 0,
    rejected_by_reason: {},
  },
  ...extra,
});

Deno.test("an earlier stage's OUT gives its shards in order, empty ones too", () =>
  inTemp(async (dir) => {
    await put(`${dir}/manifest.json`, manifest({ shards: { count: 3, done: [2, 0, 1] } }));
    await put(`${dir}/records/part-00002-of-00003.jsonl`, '{"id":"b"}\n');
    await put(`${dir}/records/part-00001-of-00003.jsonl`, "");
    await put(`${dir}/records/part-00000-of-00003.jsonl`, '{"id":"a"}\n');
    assert.deepEqual(await rows(dir), two);
  }));

Deno.test("a shard that is missing or not done is named, unless partial runs are allowed", () =>
  inTemp(async (dir) => {
    const part = (index: number) => `${dir}/records/part-0000${index}-of-00002.jsonl`;
    await put(
      `${dir}/manifest.json`,
      manifest({ status: "partial", shards: { count: 2, done: [0] } }),
    );
    await put(part(0), '{"id":"a"}\n');
    await refuses(readRows(dir), part(1), "missing");
    await put(part(1), '{"id":"b"}\n{"id":"to');
    await refuses(readRows(dir), part(1), "not done");
    const found = await all(readRows(dir, { allowPartial: true }));
    assert.deepEqual(found.map(({ row }) => row), two);
  }));

Deno.test("an unsharded run that is not done says how much is left", () =>
  inTemp(async (dir) => {
    await put(`${dir}/records/part-00000-of-00001.jsonl`, lines);
    await put(`${dir}/rejects/part-00000-of-00001.jsonl`, "");
    await refuses(readRows(dir), dir, "no manifest.json");
    await put(`${dir}/manifest.json`, manifest({ status: "running" }));
    await refuses(readRows(dir), "part-00000-of-00001.jsonl", "not done (1 left)");
    await put(`${dir}/manifest.json`, manifest({}));
    assert.deepEqual(await rows(dir), two);
    await put(`${dir}/manifest.json`, { status: "odd" });
    await refuses(readRows(dir), `${dir}/manifest.json: field status: must be one of "running"`);
  }));

Deno.test("a Parquet file of one row with a struct in it is read", () =>
  inTemp(async (dir) => {
    const path = `${dir}/one.parquet`;
    const only = { id: "a", extra: { index: 1, split: "train" } };
    pl.readJSON(JSON.stringify([only]), { format: "json" }).writeParquet(path);
    assert.deepEqual(await rows(path), [only]);
  }));
