import assert from "node:assert/strict";
import fc from "fast-check";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/paths.ts";
import { ReplyText, StopFinder } from "../../../lib/model/local/reply_text.ts";
import { loadTokenizer } from "../../../lib/model/local/tokenizer.ts";

const tokenizer = await loadTokenizer(EMBEDDED_POLICY);
const prompt = tokenizer.encode("<s>User: <query> é世 </query>\nAssistant:");

Deno.test("text that grows token by token is the text of all tokens, whatever they are", () => {
  const id = fc.integer({ min: 0, max: 1535 });
  const tokens = fc.oneof(fc.array(id, { maxLength: 30 }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(tokens, fc.array(fc.boolean(), { maxLength: 30 }), (given, looks) => {
      const ids = typeof given === "string" ? tokenizer.encode(given) : given;
      const text = new ReplyText(tokenizer, new StopFinder(tokenizer, []), prompt);
      ids.forEach((id, i) => {
        text.add(id);
        if (looks[i]) text.whole();
      });
      assert.equal(text.whole(), tokenizer.decode(ids));
    }),
    { numRuns: 500 },
  );
});

Deno.test("a stop string is found with the token that completes it, wherever tokens divide", () => {
  const pieces = fc.constantFrom(
    "a",
    "b",
    "ab",
    " ",
    "\n",
    "é",
    "世",
    "👍",
    "END",
    "</response>",
    "E",
  );
  const text = fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join(""));
  const stops = fc.array(
    fc.constantFrom("END", "b ", "é世", "👍", "</response>", "ba\n", "\n\n"),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(text, stops, (text, stops) => {
      const ids = tokenizer.encode(text);
      const reply = new ReplyText(tokenizer, new StopFinder(tokenizer, stops), prompt);
      for (const [i, id] of ids.entries()) {
        reply.add(id);
        const soFar = tokenizer.decode(ids.slice(0, i + 1));
        const starts = stops.map((stop) => soFar.indexOf(stop)).filter((at) => at >= 0);
        const found = reply.findStop();
        assert.equal(found?.start ?? null, starts.length > 0 ? Math.min(...starts) : null, soFar);
        if (found !== null) return;
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("of two stop strings that one token completes, the one that begins first ends the text", () => {
  const finder = new StopFinder(tokenizer, ["c", "abc", ""]);
  assert.deepEqual(finder.find("xxabc", 0), { start: 2, end: 5 });
  assert.equal(finder.find("xx", 0), null);
});
