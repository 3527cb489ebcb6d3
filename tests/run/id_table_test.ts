import assert from "node:assert/strict";
import fc from "fast-check";
import { IdTable, Mark, State } from "../../lib/run/id_table.ts";

Deno.test("the table answers as a Map does, through growth and colliding buckets", () => {
  const hash = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 9n).map((x) => x << 32n));
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 3000 }), (hashes) => {
      const table = new IdTable(), rows = new Map<bigint, number>();
      for (const each of hashes) {
        const { row, added } = table.row(each);
        assert.equal(added, !rows.has(each));
        if (added) rows.set(each, row);
        assert.equal(row, rows.get(each));
      }
      assert.equal(table.size, rows.size);
      for (const [each, row] of rows) assert.equal(table.find(each), row);
      assert.equal(table.find(2n ** 63n + 12345n), rows.get(2n ** 63n + 12345n));
    }),
    { numRuns: 30 },
  );
});

Deno.test("a new row stands nowhere; what is set on it is kept as the table grows", () => {
  const table = new IdTable();
  const { row } = table.row(7n);
  const stands =
    () => [table.key(row), table.ordinal(row), table.state(row), table.has(row, Mark.inInput)];
  assert.deepEqual(stands(), [0n, 0, State.absent, false]);
  table.setKey(row, 99n);
  table.setOrdinal(row, 3);
  table.mark(row, Mark.inInput);
  table.setLine(row, State.kept, 2 ** 40 + 5, 2 ** 29);
  for (let i = 0n; i < 100_000n; i++) table.row(i);
  assert.equal(table.find(7n), row);
  assert.deepEqual(stands(), [99n, 3, State.kept, true]);
  assert.deepEqual(table.line(row), { offset: 2 ** 40 + 5, length: 2 ** 29 });
  table.clear(row);
  assert.deepEqual(stands(), [99n, 3, State.absent, true]);
});

Deno.test("once finding has ended rows are known by number alone", () => {
  const table = new IdTable();
  const { row } = table.row(7n);
  table.setKey(row, 99n);
  table.endFinding();
  assert.equal(table.key(row), 99n);
  assert.throws(() => table.hash(row), /no longer found/);
  assert.throws(() => table.find(7n), /no longer found/);
  assert.throws(() => table.row(8n), /no longer found/);
});
