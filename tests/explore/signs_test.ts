import assert from "node:assert/strict";
import type { ReplyTexts } from "../../lib/explore/signs.ts";
import { signsOf } from "../../lib/explore/signs.ts";
import { faultPlace } from "../../lib/reply/fault_place.ts";
import { prefillOf } from "../../lib/reply/format.ts";
import { MALFORMED_REASONS } from "../../lib/reply/malformed.ts";
import { parseReply } from "../../lib/reply/parse_reply.ts";
import { Format } from "../../lib/core/records.ts";

const QUESTION = "How do I bake a cake without an oven?";
const prompt = [{ role: "user" as const, content: QUESTION }];
const THOUGHT = "The user has no oven, so I should think of steam or of a pan.";
const signs = (...replies: ReplyTexts[]) => signsOf(prompt, replies);
const reply = (answer: string | null, thought: string | null = null): ReplyTexts => ({
  thought,
  answer,
});

Deno.test("an answer that repeats the question is told, whatever its case and white space", () => {
  assert.deepEqual(signs(reply(`You ask: "how do I  bake a\ncake without an oven?" By steam.`)), [[
    "repeats_question",
  ]]);
  assert.deepEqual(signs(reply("By steam.")), [[]]);
  assert.deepEqual(signsOf([{ role: "user", content: "Why?" }], [reply("Why? Because.")]), [[]]);
});

Deno.test("a thought in the answer is told by a tag, or by the thought's own beginning", () => {
  assert.deepEqual(signs(reply("</think> By steam.")), [["thought_in_answer"]]);
  assert.deepEqual(signs(reply(`${THOUGHT} So: by steam.`, THOUGHT)), [["thought_in_answer"]]);
  assert.deepEqual(signs(reply("By steam.", THOUGHT)), [[]]);
  assert.deepEqual(signs(reply("Short. By steam.", "Short.")), [[]]);
});

Deno.test("equal replies are told, and those that are equal but for white space", () => {
  assert.deepEqual(
    signs(reply("By steam. Or not."), reply("By steam.  Or not."), reply("Another."), reply(null)),
    [["same_but_for_space"], ["same_but_for_space"], [], []],
  );
  assert.deepEqual(signs(reply("Same."), reply("Same.")), [["same_as_another"], [
    "same_as_another",
  ]]);
  assert.deepEqual(signs(reply("Same.", "one thought"), reply("Same.", "another")), [[], []]);
});

Deno.test("the place where a reply breaks its rule is marked", () => {
  const marked = (format: Format, text: string) => {
    const origin = { finishReason: "stop", prefilled: prefillOf(format) !== "" } as const;
    const { malformed } = parseReply(format, text, origin);
    assert.notEqual(malformed, null, text);
    const { from, to } = faultPlace(format, text, malformed!);
    return [malformed, text.slice(0, from), text.slice(from, to)];
  };
  assert.deepEqual(marked("prompted-think", " a </think> b"), ["missing_tag", " a </think> b", ""]);
  assert.deepEqual(marked("prompted-think", " a <response> b </response>"), [
    "missing_tag",
    " a ",
    "",
  ]);
  assert.deepEqual(
    marked("prompted-think", " a </think> x <response> b </response>"),
    ["text_between_parts", " a </think>", " x "],
  );
  assert.deepEqual(
    marked("prompted-think", " a </think> <response> b </response> bye"),
    ["text_after_end", " a </think> <response> b </response>", " bye"],
  );
  assert.deepEqual(marked("prompted-nothink", "so <response> b </response>"), [
    "text_before_start",
    "",
    "so ",
  ]);
  assert.deepEqual(
    marked("prompted-nothink", "<response> b </response><response> c </response>"),
    ["repeated_tag", "<response> b </response>", "<response>"],
  );
  assert.deepEqual(
    marked("prompted-nothink", "<response> a <response> b </response>"),
    ["nested_tag", "<response> a ", "<response>"],
  );
  assert.deepEqual(marked("chat", "a <think> b"), ["unexpected_tag", "a ", "<think>"]);
});

Deno.test("whatever the text and the rule, the place lies within the text", () => {
  for (const format of Format.options) {
    for (const reason of [...MALFORMED_REASONS, "of_another_version"]) {
      for (const text of ["", "<think>", "</response>", "a </think> <response> b </response> c"]) {
        const { from, to } = faultPlace(format, text, reason);
        assert.ok(from >= 0 && from <= to && to <= text.length, `${format} ${reason} ${text}`);
      }
    }
  }
});
