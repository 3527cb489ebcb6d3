import assert from "node:assert/strict";
import fc from "fast-check";
import type { ScoredRecord } from "../../lib/core/records.ts";
import { cardHtml, escapeHtml, pairHtml, recordHtml } from "../../lib/view/html.ts";

Deno.test("no text can open a tag, end an attribute, or turn the direction of what follows", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(fc.property(text, (text) => {
    const safe = escapeHtml(text);
    assert.doesNotMatch(safe, /[<>"'`\0\u202a-\u202e\u2066-\u2069]/);
    assert.doesNotMatch(safe, /&(?!#\d+;)/);
  }));
  assert.equal(escapeHtml("a\u202eb\0\n\t"), "a[U+202E]b[U+0000]\n\t");
  assert.equal(escapeHtml("\ud800"), "\ufffd");
});

Deno.test("a card of hostile parts holds no tag of theirs", () => {
  const evil = `</div><script>alert(1)</script><img src=x onerror="alert(1)">`;
  const html = cardHtml([{ role: "user", content: evil }], [
    { label: evil, thought: evil, answer: evil, score: 1, malformed: evil },
  ]);
  assert.doesNotMatch(html, /<script|<img/);
  assert.equal(html.match(/<div/g)!.length, html.match(/<\/div/g)!.length);
});

Deno.test("a pair folds its thoughts and shows scores and both answers", () => {
  const html = pairHtml({
    prompt: "q",
    chosen: { label: "chosen", thought: "because", answer: "yes", score: 1.25 },
    rejected: { label: "rejected", thought: null, answer: "no", score: -1 },
  });
  assert.equal(html.match(/<details><summary>/g)!.length, 1);
  assert.ok(html.indexOf("yes") < html.indexOf(">no<"));
  assert.match(html, /1\.250.*-1\.000/s);
  assert.match(html, /^<style>/);
});

Deno.test("a record's replies stand best first, malformed ones last with their whole text", () => {
  const reply = (index: number, score: number | null, answer: string | null) => ({
    index,
    text: `raw ${index}`,
    thought: null,
    answer,
    malformed: answer === null ? "missing_tag" : null,
    score,
  });
  const responses = [reply(0, null, null), reply(1, 1, "the lesser"), reply(2, 2, "the greater")];
  const html = recordHtml(
    { prompt: [{ role: "user", content: "q" }], responses } as unknown as ScoredRecord,
  );
  const places = ["the greater", "the lesser", "missing_tag", "raw 0"].map((text) =>
    html.indexOf(text)
  );
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
  assert.ok(places[0]! > 0);
});

Deno.test("a text of 20 MB is cut in a card, and the rest is counted", () => {
  const html = cardHtml("q", [{ label: "chosen", thought: null, answer: "x".repeat(20_000_000) }]);
  assert.ok(html.length < 10_000);
  assert.match(html, /19,996,000 more characters/);
});
