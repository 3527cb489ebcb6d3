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
  // Templates open the thought in the prompt, and others give it a key of its own.
  assert.deepEqual(replyParts("why</think>so"), { thought: "why", answer: "so" });
  const turn = { role: "assistant", content: "so", reasoning_content: "why" };
  assert.deepEqual(replyParts([turn]), { thought: "why", answer: "so" });
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
