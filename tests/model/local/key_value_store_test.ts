import assert from "node:assert/strict";
import fc from "fast-check";
import { KeyValueStore } from "../../../lib/model/local/key_value_store.ts";

const shape = { layers: 2, heads: 3, dim: 4 };
const UNIT = 8;

/** What stands in a store, by name, place, head, position and number of a head. */
function read(store: KeyValueStore, places: number, name: number, at: number[]): number {
  const [place, head, position, i] = at as [number, number, number, number];
  const { heads, dim } = shape, { length } = store;
  const run = (place * heads + head) * dim * length;
  const inRun = name % 2 === 0 ? i * length + position : position * dim + i;
  return store.first(places)[name]![run + inRun]!;
}

Deno.test("what is filed in a store stays where it belongs while rows join, grow and leave", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("join" as const) }),
    fc.record({ kind: fc.constant("leave" as const), which: fc.nat(20) }),
    fc.record({ kind: fc.constant("grow" as const), which: fc.nat(20), by: fc.nat(30) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const store = new KeyValueStore(shape, UNIT);
    // Each row's numbers tell the row and the position.
    const rows: { id: number; length: number }[] = [];
    let ids = 0;
    const longest = () => Math.max(0, ...rows.map(({ length }) => length));
    for (const each of steps) {
      if (each.kind === "join") {
        store.reserve(rows.length + 1, longest(), rows.length);
        store.clear(rows.push({ id: ids++, length: 0 }) - 1);
      } else if (rows.length === 0) continue;
      else if (each.kind === "leave") {
        const place = each.which % rows.length, last = rows.length - 1;
        store.move(last, place);
        rows[place] = rows[last]!;
        rows.pop();
      } else {
        const place = each.which % rows.length, row = rows[place]!, { heads, dim } = shape;
        store.reserve(rows.length, Math.max(longest(), row.length + each.by), rows.length);
        const fresh = Array.from(
          { length: 2 * shape.layers },
          (_, name) =>
            Float32Array.from(
              { length: 2 * each.by * heads * dim },
              (_, n) =>
                valueOf(
                  row.id,
                  name,
                  row.length + Math.floor(n / heads / dim) - each.by,
                  n % (heads * dim),
                ),
            ),
        );
        // The second of two rows of a step.
        store.write(place, row.length, fresh, 1, each.by);
        row.length += each.by;
      }
    }
    for (const [place, { id, length }] of rows.entries()) {
      for (let name = 0; name < 4; name++) {
        for (let position = 0; position < length; position++) {
          for (const [head, i] of [[0, 0], [1, 3], [2, 2]] as const) {
            const found = read(store, rows.length, name, [place, head, position, i]);
            assert.equal(found, Math.fround(valueOf(id, name, position, head * shape.dim + i)));
          }
        }
      }
    }
  }));
});

function valueOf(id: number, name: number, position: number, i: number): number {
  return id * 10 + name + position / 64 + i / 4096;
}

Deno.test("a sequence of another length is put in whole, and the rest of its place is zero", () => {
  const from = new KeyValueStore(shape, UNIT), to = new KeyValueStore(shape, UNIT);
  from.reserve(1, UNIT, 0);
  const fresh = Array.from({ length: 4 }, () => new Float32Array(UNIT * 12).fill(3));
  from.write(0, 0, fresh, 0, UNIT);
  to.reserve(2, 3 * UNIT, 0);
  to.put(1, from.first(1), UNIT);
  for (let name = 0; name < 4; name++) {
    for (
      const [position, value] of [[0, 3], [UNIT - 1, 3], [UNIT, 0], [3 * UNIT - 1, 0]] as const
    ) {
      for (const head of [0, 2]) assert.equal(read(to, 2, name, [1, head, position, 1]), value);
    }
    assert.ok(to.first(1)[name]!.every((number) => number === 0), "the place beside it");
  }
});
