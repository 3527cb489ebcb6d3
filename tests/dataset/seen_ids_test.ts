import assert from "node:assert/strict";
import { SeenIds } from "../../lib/dataset/build/seen_ids.ts";

Deno.test("An id is new once, then a duplicate of the same texts, and a conflict with any others", () => {
  const seen = new SeenIds();
  assert.equal(seen.add("a", ["one", "two"]), "new");
  assert.equal(seen.add("b", ["one", "two"]), "new");
  assert.equal(seen.add("a", ["one", "two"]), "same");
  assert.equal(seen.size, 2);
  assert.equal(seen.duplicates, 1);
  for (const other of [["one", "twO"], ["onet", "wo"], ["one", "two", ""], ["two", "one"], []]) {
    assert.equal(seen.add("a", other), "conflict");
  }
  assert.equal(seen.duplicates, 1);
});
