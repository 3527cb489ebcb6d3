import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import type { Columns, Value } from "../../lib/io/write/columns.ts";
import { SplitWriter } from "../../lib/io/write/split_writer.ts";
import { python } from "../python.ts";
import { inTemp } from "./temp.ts";

/** Every type within every other, nulls at every depth. */
const columns: Columns = {
  text: "string",
  number: "float64",
  whole: "int64",
  yes: "bool",
  turns: { list: { struct: { role: "string", score: "float64" } } },
  deep: { list: { list: { struct: { flags: { list: "bool" }, note: "string" } } } },
  inner: { struct: { whole: "int64", texts: { list: "string" } } },
};

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const some = <T>(values: fc.Arbitrary<T>, maxLength = 3) =>
  nullable(fc.array(nullable(values), { maxLength }));
const text = fc.string({ unit: "grapheme" });
/** Below what JSON would write as a whole number that Python does not round. */
const score = fc.float({ noNaN: true, min: -999, max: 999 });
const row = fc.record({
  text: nullable(text),
  number: nullable(fc.double({ noNaN: true })),
  whole: nullable(fc.maxSafeInteger()),
  yes: nullable(fc.boolean()),
  turns: some(fc.record({ role: nullable(text), score: nullable(score) })),
  deep: some(
    fc.array(
      nullable(fc.record({ flags: some(fc.boolean(), 20), note: nullable(text) })),
      { maxLength: 3 },
    ),
  ),
  inner: nullable(fc.record({ whole: nullable(fc.integer()), texts: some(text) })),
});

/** Random rows, and long runs of equal ones between them, where levels change from bits to runs. */
function someRows(seed: number): Record<string, Value>[] {
  const rows = fc.sample(row, { numRuns: 1300, seed }) as Record<string, Value>[];
  const equal = (count: number, turns: Value): Record<string, Value>[] =>
    Array.from({ length: count }, () => ({ ...rows[7], text: "", turns, deep: [[]] }));
  const [none, one] = [equal(101, null), equal(997, [{ role: "user", score: -0.5 }])];
  return [...rows.slice(0, 700), ...none, ...one, ...equal(9, []), ...rows.slice(700)];
}

async function write(root: string, rows: Record<string, Value>[]): Promise<string> {
  const writer = new SplitWriter({ root, split: "train", folder: "data" }, columns);
  for (const each of rows) await writer.write(each);
  return join(root, (await writer.close()).parquet[0]!.path);
}

Deno.test("pyarrow reads the types that datasets makes, row groups of 1,000, zstd, and equal values", () =>
  inTemp(async (dir) => {
    const rows = someRows(4).map((each) => ({ ...each, number: 0.5 }));
    const path = await write(dir, rows);
    await Deno.writeTextFile(`${dir}/rows.json`, JSON.stringify(rows));
    const script = `
import json, sys, pyarrow as pa, pyarrow.parquet as pq
file = pq.ParquetFile(sys.argv[1])
table = file.read()
schema = pa.schema([("text", pa.string()), ("number", pa.float64()), ("whole", pa.int64()), ("yes", pa.bool_()),
    ("turns", pa.list_(pa.field("item", pa.struct([("role", pa.string()), ("score", pa.float64())])))),
    ("deep", pa.list_(pa.field("item", pa.list_(pa.field("item", pa.struct([("flags", pa.list_(pa.field("item", pa.bool_()))), ("note", pa.string())])))))),
    ("inner", pa.struct([("whole", pa.int64()), ("texts", pa.list_(pa.field("item", pa.string())))]))])
assert table.schema.equals(schema), table.schema
assert b"huggingface" in table.schema.metadata
groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
assert [group.num_rows for group in groups] == [1000, 1000, 407], groups
assert {groups[0].column(i).compression for i in range(groups[0].num_columns)} == {"ZSTD"}
for got, wanted in zip(table.to_pylist(), json.load(open(sys.argv[2])), strict=True):
    assert got == wanted, (got, wanted)
print("equal")
`;
    const args = ["-c", script, path, `${dir}/rows.json`];
    const { stdout, stderr } = await new Deno.Command(await python(), { args }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(said.trim(), "equal");
  }));

Deno.test("Equal rows give equal files", () =>
  inTemp(async (dir) => {
    const [one, two] = [await write(`${dir}/1`, someRows(5)), await write(`${dir}/2`, someRows(5))];
    assert.deepEqual(await Deno.readFile(one), await Deno.readFile(two));
  }));
