import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteArena } from "../../lib/io/byte_arena.ts";

Deno.test("Texts of any length keep their bytes while others are encoded after them", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.tuple(fc.constantFrom("a", "é", "語", "🙂"), fc.nat({ max: 600_000 }))
      .map(([unit, times]) => unit.repeat(times)),
  );
  const property = fc.property(fc.array(text, { maxLength: 12 }), (texts) => {
    const bytes = new ByteArena();
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    // In other orders, so that chunks made for one are used for another.
    for (const each of [texts, texts.toReversed(), texts.toSorted()]) {
      const encoded = each.map((text) => bytes.encode(text));
      const copied = encoded.map((piece) => bytes.copy(piece));
      for (const pieces of [encoded, copied]) {
        assert.ok(pieces.every((piece, at) => decoder.decode(piece) === each[at]));
      }
      bytes.reset();
    }
  });
  fc.assert(property, { numRuns: 60 });
});
