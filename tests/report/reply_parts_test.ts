import assert from "node:assert/strict";
import { Format } from "../../lib/core/records.ts";
import { renderReply } from "../../lib/reply/format.ts";
import { promptOf, replyParts, replyText } from "../../lib/report/reply_parts.ts";

Deno.test("a turn of any format comes apart into what it was made of", () => {
  for (const format of Format.options) {
    const thought = format.endsWith("-think") ? "why" : null;
    const turn = renderReply(format, { thought, answer: "so" });
    assert.deepEqual(replyParts(turn), { thought, answer: "so" }, format);
  }
  assert.deepEqual(replyParts("a </think> b"), { thought: null, answer: "a </think> b" });
});

Deno.test("prompt and reply are found in text, in turns, and in whole chats", () => {
  const chat = [{ role: "user" as const, content: "q" }, {
    role: "assistant" as const,
    content: "a",
  }];
  assert.equal(replyText(chat), "a");
  assert.equal(replyText("a"), "a");
  assert.equal(replyText(null), "");
  assert.deepEqual(promptOf(chat), [chat[0]]);
  assert.deepEqual(promptOf("q"), "q");
});
