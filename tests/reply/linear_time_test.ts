import assert from "node:assert/strict";
import { messageOf } from "../../lib/core/errors.ts";
import { parseJson } from "../../lib/io/rows/parse_json.ts";
import { splitInlineThought } from "../../lib/reply/inline_thought.ts";
import { repairReplies, repairTeacher } from "../../lib/reply/repair.ts";
import { mentionsTags, parseSimulated } from "../../lib/reply/simulated.ts";

/** So long that a pattern of quadratic time takes minutes, and one of linear time milliseconds. */
const LONG = 400_000;
const spaces = " ".repeat(LONG);
const stop = { finishReason: "stop" } as const;

const readings: Record<string, () => unknown> = {
  "a teacher's thought and answer": () => {
    const { thought, answer } = repairTeacher({
      thought: `<think>a${spaces}b`,
      answer: `<response>c${spaces}d`,
    });
    assert.equal(thought!.length + answer.length, 2 * LONG + 4);
  },
  "a policy's replies": () =>
    repairReplies("chat-think", [
      { thought: `a${spaces}b`, answer: `c${spaces}d` },
      { thought: `<think>${spaces}b${spaces}</thin`, answer: spaces },
    ]),
  "a tag that is none": () => assert.equal(mentionsTags(`<${spaces}${spaces}x`), false),
  "simulated thinking": () => parseSimulated(`<think>${spaces}<response>${spaces}`, stop),
  "a thought that a server left in the text": () => {
    assert.equal(splitInlineThought(`${spaces}${spaces}x</think>`, stop), null);
  },
  "a provider's error": () => {
    assert.equal(messageOf(new Error(`a${spaces}b\n\r ${spaces}c\n`)), `a${spaces}b c`);
  },
  "a row that is cut short": () => {
    assert.throws(() => parseJson(`{"a": "${'\\"'.repeat(LONG)}`, "f:1"), /cut short/);
  },
};

for (const [name, read] of Object.entries(readings)) {
  Deno.test(`${LONG} spaces or quotes take no time to speak of: ${name}`, () => {
    const start = performance.now();
    read();
    assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
  });
}

Deno.test("tags are taken off a public script's parts as they stand there, white space around them too", () => {
  const cases: [string, string][] = [
    [" <response> a </response> \n", "a"],
    ["<response>a", "a"],
    ["a </response>", "a"],
    [" a ", " a "],
    ["<response> </response>", ""],
    ["<response>", ""],
  ];
  for (const [answer, bare] of cases) {
    assert.equal(repairTeacher({ thought: null, answer }).answer, bare, answer);
  }
});
