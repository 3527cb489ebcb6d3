import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { hash64 } from "../../lib/core/hash64.ts";

Deno.test("64 bits are the first of the text's SHA-256", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assert.equal(hash64(text), createHash("sha256").update(text).digest().readBigUInt64BE(0));
  }));
});

Deno.test("texts that differ in halves of surrogate pairs alone have different hashes", () => {
  assert.equal(new Set(["\ud83d", "\ud83e", "\udc00", "\ufffd", "a\ud83d"].map(hash64)).size, 5);
});
