import assert from "node:assert/strict";
import fc from "fast-check";
import { mentionsTags, parseSimulated, renderSimulated } from "../../lib/reply/simulated.ts";
import { parseStructured, renderStructured } from "../../lib/reply/structured.ts";

const complete = { finishReason: "stop" } as const;

Deno.test("well-formed simulated thinking is read without repairs", () => {
  const reply = parseSimulated(
    "<think>\nPlan.\n</think>\n\n<response>\nHi.\n</response>\n",
    complete,
  );
  assert.deepEqual(reply, { thought: "Plan.", answer: "Hi.", malformed: null, repairs: [] });
});

Deno.test("a thought without its end stops where the response begins, and the repair is told", () => {
  const reply = parseSimulated("<think>Plan. $& <response>Hi.</response>", complete);
  assert.equal(reply.thought, "Plan. $&");
  assert.equal(reply.answer, "Hi.");
  assert.deepEqual(reply.repairs, ["added_think_end"]);
});

Deno.test("a response without its end stops with the text, and the repair is told", () => {
  const reply = parseSimulated("<think>Plan.</think><response>Hi.", complete);
  assert.equal(reply.answer, "Hi.");
  assert.deepEqual(reply.repairs, ["added_response_end"]);
});

Deno.test("nothing is repaired in a reply that was cut or withheld", () => {
  for (const finishReason of ["length", "content_filter", "recitation", "other"] as const) {
    const reply = parseSimulated("<think>Plan.</think><response>Hi.", { finishReason });
    assert.equal(reply.answer, null, finishReason);
    assert.deepEqual(reply.repairs, [], finishReason);
  }
});

Deno.test("what two missing ends cannot explain stays malformed and tells no repair", () => {
  const cases: Record<string, string> = {
    "Hi.": "missing_tag",
    "<think>Plan.</think>Hi.": "missing_tag",
    "<response>Hi.</response>": "missing_tag",
    "<think>Plan.": "missing_tag",
    "<think>a<think>b</think><response>Hi.</response>": "nested_tag",
    "<think>Plan.</think><response></response>": "empty_part",
    "<think>Plan.<response>": "missing_tag",
    "<think>Plan.</think><response>Hi.</response> Bye.": "text_after_end",
    "<think>a</think><response>b<response>c": "missing_tag",
  };
  for (const [text, rule] of Object.entries(cases)) {
    const reply = parseSimulated(text, complete);
    assert.equal(reply.malformed, rule, text);
    assert.equal(reply.answer, null, text);
    assert.deepEqual(reply.repairs, [], text);
  }
});

Deno.test("any parts without tags come back through both teacher forms", () => {
  const part = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) =>
    /^[^\s<>](.*[^\s<>])?$/s.test(text) && !mentionsTags(text)
  );
  fc.assert(fc.property(part, part, (thought, answer) => {
    const simulated = parseSimulated(renderSimulated({ thought, answer }), complete);
    assert.deepEqual([simulated.malformed, simulated.repairs], [null, []]);
    const structured = parseStructured(renderStructured({ thought, answer }), complete);
    assert.deepEqual([structured.thought, structured.answer], [thought.trim(), answer.trim()]);
  }));
});

Deno.test("any text at all is either read or malformed, never both", () => {
  const piece = fc.constantFrom("<think>", "</think>", "<response>", "</response>", "a", " ", "\n");
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    const reply = parseSimulated(pieces.join(""), complete);
    assert.equal(reply.answer === null, reply.malformed !== null);
    if (reply.answer !== null) assert.ok(!mentionsTags(reply.answer) && reply.answer !== "");
  }));
});

Deno.test("a structured reply that breaks the schema is not_json, one with an empty part is told so", () => {
  const read = (text: string) => parseStructured(text, complete).malformed;
  assert.equal(read('{"plan":"a"}'), "not_json");
  assert.equal(read('{"plan":"a","reply":"b","more":1}'), "not_json");
  assert.equal(read("Sorry"), "not_json");
  assert.equal(read('{"plan":" ","reply":"b"}'), "empty_part");
  assert.equal(parseStructured("{}", { finishReason: "length" }).malformed, "cut_by_length");
});
