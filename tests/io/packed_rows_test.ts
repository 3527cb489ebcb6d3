import assert from "node:assert/strict";
import fc from "fast-check";
import type { Columns, Value } from "../../lib/io/write/columns.ts";
import { RowPacker, unpackRows } from "../../lib/io/write/packed_rows.ts";

const columns: Columns = {
  text: "string",
  note: "json",
  number: "float64",
  whole: "int64",
  yes: "bool",
  turns: { list: { struct: { role: "string", texts: { list: "string" } } } },
};
const some = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.tuple(fc.constantFrom("a", "é", "語", "🙂"), fc.nat({ max: 300_000 }))
    .map(([unit, times]) => unit.repeat(times)),
);
const row = fc.record({
  text: some(text),
  note: some(text),
  number: some(fc.double()),
  whole: some(fc.maxSafeInteger()),
  yes: some(fc.boolean()),
  turns: some(fc.array(
    some(fc.record({ role: some(text), texts: some(fc.array(some(text), { maxLength: 3 })) })),
    { maxLength: 3 },
  )),
});

Deno.test("rows of any values come back, from buffers that were filled before too", () => {
  const property = fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
    const packer = new RowPacker(columns);
    for (const own of [rows, rows.toReversed(), rows]) {
      for (const each of own) packer.add(each as Record<string, Value>);
      const packed = packer.take();
      const values = unpackRows(packed, columns);
      const wanted = Object.keys(columns).map((name) =>
        own.map((each) => each[name as keyof typeof each])
      );
      assert.deepEqual(withTexts(values), withTexts(wanted));
      packer.give(packed);
    }
  });
  fc.assert(property, { numRuns: 40 });
});

Deno.test("what is taken stays as it is while rows are added after it", () => {
  const packer = new RowPacker({ text: "string" });
  packer.add({ text: "first" });
  const first = packer.take();
  packer.add({ text: "other" });
  packer.add({});
  const second = packer.take();
  assert.deepEqual(withTexts(unpackRows(first, { text: "string" })), [["first"]]);
  assert.deepEqual(withTexts(unpackRows(second, { text: "string" })), [["other", null]]);
});

function withTexts(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(value);
  }
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withTexts(each)]));
}
