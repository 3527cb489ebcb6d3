import assert from "node:assert/strict";
import { InputError } from "../../lib/core/errors.ts";
import { SeenIds } from "../../lib/dataset/build/seen_ids.ts";

Deno.test("An id is new once, then a duplicate of the same texts, and refused with any others", () => {
  const seen = new SeenIds();
  assert.equal(seen.add("a", ["one", "two"], "f:1"), true);
  assert.equal(seen.add("b", ["one", "two"], "f:2"), true);
  assert.equal(seen.add("a", ["one", "two"], "f:3"), false);
  assert.equal(seen.size, 2);
  assert.equal(seen.duplicates, 1);
  for (const other of [["one", "twO"], ["onet", "wo"], ["one", "two", ""], ["two", "one"], []]) {
    assert.throws(() => seen.add("a", other, "f:4"), (error) => {
      assert.ok(error instanceof InputError);
      return /^f:4: id "a" stands in an earlier row/.test(error.message);
    });
  }
});
