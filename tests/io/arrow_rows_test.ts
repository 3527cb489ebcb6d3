import assert from "node:assert/strict";
import {
  Decimal,
  Field,
  Float16,
  Int64,
  List,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import pl from "nodejs-polars";
import { Buffer } from "node:buffer";
import { InputError } from "../../lib/core/errors.ts";
import { readArrowRows } from "../../lib/io/rows/arrow_rows.ts";
import { readParquetRows } from "../../lib/io/rows/parquet_rows.ts";
import { all, inTemp, put } from "./temp.ts";

const fixture = Deno.readFileSync(new URL("../fixtures/io/types.arrow", import.meta.url));

/** A reader of files with given bytes. */
async function withFile(
  test: (read: (bytes: Uint8Array) => Promise<Record<string, unknown>[]>) => Promise<void>,
): Promise<void> {
  await inTemp((dir) =>
    test(async (bytes) => all(readArrowRows(await put(`${dir}/x.arrow`, bytes))))
  );
}

/** Rows, or an error in one line that names the file. */
async function readsOrRefuses(reading: Promise<unknown>): Promise<boolean> {
  try {
    await reading;
    return true;
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, /x\.arrow: not a sound Arrow stream file: [^\n]+$/);
    return false;
  }
}

const table = tableFromArrays({ id: ["a", "b"], n: [1, 2] });
const file = tableToIPC(table, "file");

Deno.test("a file in the file format gives its rows as a stream does", () =>
  withFile(async (read) => {
    const rows = [{ id: "a", n: 1 }, { id: "b", n: 2 }];
    assert.deepEqual(await read(file), rows);
    assert.deepEqual(await read(tableToIPC(table, "stream")), rows);
  }));

Deno.test("an extension type is read as what holds it, and its name is a text as any other", () =>
  withFile(async (read) => {
    const metadata = new Map([["ARROW:extension:name", "arrow.json"], [
      "ARROW:extension:metadata",
      "",
    ]]);
    const texts = vectorFromArray(["{}", "ARROW:extension:name"], new Utf8());
    const schema = new Schema([new Field("json", new Utf8(), true, metadata)]);
    const extended = new Table(schema, { json: texts });
    const rows = [{ json: "{}" }, { json: "ARROW:extension:name" }];
    for (const format of ["stream", "file"] as const) {
      assert.deepEqual(await read(tableToIPC(extended, format)), rows);
    }
  }));

Deno.test("a stream is decoded in parts: many batches and a dictionary give their rows in order", () =>
  withFile(async (read) => {
    const count = 800_000;
    const whole = tableFromArrays({
      n: Float64Array.from({ length: count }, (_, row) => row),
      name: Array.from({ length: count }, (_, row) => `name ${row % 3}`),
    });
    const slices = Array.from({ length: 8 }, (_, at) => whole.slice(at * 1e5, (at + 1) * 1e5));
    const stream = tableToIPC(new Table(slices.flatMap(({ batches }) => batches)), "stream");
    assert.ok(stream.length > 9 << 20, "several parts");
    const rows = await read(stream);
    assert.equal(rows.length, count);
    assert.ok(rows.every(({ n, name }, row) => n === row && name === `name ${row % 3}`));
  }));

Deno.test("long numbers are exact also within lists and structs, in Arrow and in Parquet", () =>
  inTemp(async (dir) => {
    const long = 2n ** 60n + 1n, int64 = new Int64();
    const fields = [new Field("a", int64), new Field("b", new List(new Field("item", int64)))];
    const decimal = new Uint32Array([125, 0, 0, 0]);
    const table = new Table({
      list: vectorFromArray([[long, 5n], null], new List(new Field("item", int64))),
      struct: vectorFromArray([{ a: long, b: [1n] }, null], new Struct(fields)),
      decimal: vectorFromArray([decimal, null], new Decimal(2, 10)),
      half: vectorFromArray([1.5, null], new Float16()),
    });
    const stream = tableToIPC(table, "stream");
    const arrow = await put(`${dir}/x.arrow`, stream), parquet = `${dir}/x.parquet`;
    pl.readIPCStream(Buffer.from(stream)).writeParquet(parquet);
    // Half floats are left out, as bytes are.
    const rows = [
      { list: [`${long}`, 5], struct: { a: `${long}`, b: [1] }, decimal: 1.25 },
      { list: null, struct: null, decimal: null },
    ];
    assert.deepEqual(await all(readArrowRows(arrow)), rows);
    assert.deepEqual(await all(readParquetRows(parquet)), rows);
  }));

Deno.test("a stream cut at any byte is refused, but for the end of a message", () =>
  withFile(async (read) => {
    let whole = 0;
    for (let at = 0; at < fixture.length; at++) {
      if (await readsOrRefuses(read(fixture.subarray(0, at)))) whole++;
    }
    assert.ok(whole <= 5, `${whole} were read`);
  }));

Deno.test("any bytes are read or refused in one line, whatever lengths they claim", () =>
  withFile(async (read) => {
    const change = fc.record({
      at: fc.nat(),
      put: fc.constantFrom(0, 1, 0x7fffffff, -1, -0x80000000, 1 << 20, 64),
    });
    const sound = fc.constantFrom(fixture, file);
    await fc.assert(
      fc.asyncProperty(
        sound,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (of, changes) => {
          const bytes = of.slice();
          for (const { at, put } of changes) {
            new DataView(bytes.buffer).setInt32(at % (bytes.length - 4), put, true);
          }
          await readsOrRefuses(read(bytes));
        },
      ),
      {
        numRuns: 1000,
        // A batch of 2^48 values, for which Polars would take memory and die.
        examples: [[fixture, [{ at: 1558, put: 64 }, { at: 3238, put: 1 }, { at: 2582, put: 1 }]]],
      },
    );
  }));

Deno.test("more rows than a body has bits are refused", () =>
  withFile(async (read) => {
    const bytes = fixture.slice();
    const view = new DataView(bytes.buffer);
    // The first batch's number of rows is the only 2 that stands as 64 bits in its metadata's head.
    let at = 1336;
    while (view.getBigInt64(at, true) !== 2n) at += 8;
    view.setBigInt64(at, 1n << 40n, true);
    assert.equal(await readsOrRefuses(read(bytes)), false);
  }));
