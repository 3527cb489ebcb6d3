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
    const encoded = texts.map((each) => bytes.encode(each));
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    assert.ok(encoded.every((each, at) => decoder.decode(each) === texts[at]));
  });
  fc.assert(property, { numRuns: 60 });
});
