import assert from "node:assert/strict";
import fc from "fast-check";
import { keyedLine, readKeyedLine } from "../../lib/run/keyed_line.ts";

const keys = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const texts = fc.string({ unit: "binary" });
const records = fc.record({ id: texts, text: texts, list: fc.array(fc.integer()) });

Deno.test("a keyed line is the record's JSON with its key, and is read to id and key", () => {
  fc.assert(fc.property(records, keys, (record, key) => {
    const line = keyedLine(record, key);
    const { key: end, ...fields } = JSON.parse(line);
    assert.deepEqual(fields, JSON.parse(JSON.stringify(record)));
    assert.match(end, /^[0-9a-f]{16}-[0-9a-f]{8}$/);
    assert.deepEqual(readKeyedLine(line), { id: record.id, key });
  }));
});

Deno.test("an id is found wherever it stands and however long it is", () => {
  for (const record of [{ z: 1, id: "late" }, { id: 'x\\"'.repeat(2000) }, { id: "\ud800" }]) {
    assert.deepEqual(readKeyedLine(keyedLine(record, 7n)), { id: record.id, key: 7n });
  }
});

Deno.test("a line that differs from what was written in any one character is not opened", () => {
  const line = keyedLine({ id: "a", text: "ä 😀" } as { id: string }, 0xabcdn);
  for (let at = 0; at < line.length; at++) {
    for (const put of ["", "x", " ", line[at]! + line[at]!]) {
      const damaged = line.slice(0, at) + put + line.slice(at + 1);
      if (damaged !== line) assert.equal(readKeyedLine(damaged), undefined, damaged);
    }
  }
  for (const other of ["", "{}", "null", '{"id":"a"}', '{"id":"a","key":"000000000000abcd"}']) {
    assert.equal(readKeyedLine(other), undefined);
  }
});
