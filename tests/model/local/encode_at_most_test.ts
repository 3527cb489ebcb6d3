import assert from "node:assert/strict";
import fc from "fast-check";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/paths.ts";
import { encodeAtMost } from "../../../lib/model/local/encode_at_most.ts";
import { loadTokenizer } from "../../../lib/model/local/tokenizer.ts";

Deno.test("tokens up to a limit are the whole text's, one more tells that it is longer", async () => {
  const tokenizer = await loadTokenizer(EMBEDDED_POLICY);
  const words = fc.array(
    fc.oneof(fc.string(), fc.constantFrom("What is ", "12345 ", "</s>", "ä😀")),
    {
      maxLength: 400,
    },
  );
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 60 }), (words, limit) => {
      const text = words.join("");
      assert.deepEqual(
        encodeAtMost(tokenizer, text, limit),
        tokenizer.encode(text).slice(0, limit + 1),
      );
    }),
    { numRuns: 100 },
  );
});

Deno.test("of a text that is far too long only a little is read", async () => {
  let read = 0;
  const inner = await loadTokenizer(EMBEDDED_POLICY);
  const tokenizer = {
    ...inner,
    encode(text: string) {
      read += text.length;
      return inner.encode(text);
    },
  };
  assert.equal(encodeAtMost(tokenizer, "What is this? ".repeat(1_000_000), 100).length, 101);
  assert.ok(read < 100_000, `${read} characters read`);
});
