import assert from "node:assert/strict";
import fc from "fast-check";
import type { Format } from "../../lib/core/records.ts";
import { type PublicReply, repairReplies, repairTeacher } from "../../lib/reply/repair.ts";

const read = (format: Format, reply: PublicReply) => {
  const [{ thought, answer, malformed, repairs }] = repairReplies(format, [reply]) as [
    ReturnType<typeof repairReplies>[0],
  ];
  return { thought, answer, malformed, repairs };
};
const fine = (thought: string | null, answer: string, ...repairs: string[]) => (
  { thought, answer, malformed: null, repairs }
);
const broken = (malformed: string, ...repairs: string[]) => (
  { thought: null, answer: null, malformed, repairs }
);

Deno.test("parts without tags are taken as they are, in every format", () => {
  for (const format of ["prompted-think", "chat-think"] as const) {
    assert.deepEqual(read(format, { thought: " t ", answer: "a\n" }), fine("t", "a"));
  }
  for (const format of ["prompted-nothink", "chat"] as const) {
    assert.deepEqual(read(format, { text: " a " }), fine(null, "a"));
  }
});

Deno.test("tags and run-on turns that the public sampler kept are mended and named", () => {
  const reply = { thought: "t </think>", answer: "a </response>\nUser: <query> b </query>" };
  assert.deepEqual(
    read("prompted-think", reply),
    fine("t", "a", "think_tag_left_on_thought", "response_tag_left_on_answer", "run_on_text_cut"),
  );
  const again = { thought: "t </think>", answer: "a </response> <think> u </think>" };
  assert.equal(read("prompted-think", again).answer, "a");
  const chat = { thought: "<think>\nt\n</think>", answer: "a" };
  assert.deepEqual(read("chat-think", chat), fine("t", "a", "think_tag_left_on_thought"));
  const text = { text: "<response> a </response>\nUser: b" };
  assert.deepEqual(read("prompted-nothink", text), fine(null, "a", "run_on_text_cut"));
});

Deno.test("a reply that never came to its end, or never closed its thought, stays malformed", () => {
  const cut = { thought: "t </think>", answer: "a that goes on" };
  assert.deepEqual(read("prompted-think", cut), broken("missing_tag", "think_tag_left_on_thought"));
  const open = { thought: "t", answer: "a </response>" };
  assert.deepEqual(
    read("prompted-think", open),
    broken("missing_tag", "response_tag_left_on_answer"),
  );
  const between = { thought: "t </think> so", answer: "a </response>" };
  assert.equal(read("prompted-think", between).malformed, "text_between_parts");
  assert.equal(read("prompted-think", { thought: " ", answer: "a" }).malformed, "empty_part");
  assert.equal(read("chat", { text: " \n" }).malformed, "empty_part");
});

Deno.test("a text without tags is no reply where the row's other texts have them", () => {
  const replies = repairReplies("prompted-nothink", [
    { text: "<response> a </response>" },
    { text: "b" },
  ]);
  assert.deepEqual(replies.map(({ malformed }) => malformed), [null, "missing_tag"]);
});

Deno.test("whole texts of the think formats are read, prefilled or not", () => {
  for (const open of ["", "<think>"]) {
    const text = `${open} t </think>\n<response> a </response> and on`;
    assert.deepEqual(read("prompted-think", { text }), fine("t", "a", "run_on_text_cut"));
    assert.deepEqual(read("chat-think", { text: `${open}\nt\n</think>\n\na` }), fine("t", "a"));
  }
});

Deno.test("a teacher's parts lose the tags left on them and nothing else", () => {
  assert.deepEqual(repairTeacher({ thought: "t", answer: " a " }), {
    thought: "t",
    answer: " a ",
    repairs: [],
  });
  assert.deepEqual(repairTeacher({ thought: "t </think>", answer: "a </response> User: b" }), {
    thought: "t",
    answer: "a",
    repairs: ["think_tag_left_on_thought", "response_tag_left_on_answer", "run_on_text_cut"],
  });
  const inside = repairTeacher({ thought: "a <think> b", answer: "c <response> d" });
  assert.deepEqual(inside, { thought: "a <think> b", answer: "c <response> d", repairs: [] });
});

Deno.test("whatever a file holds, a well-formed reply has no tag in its parts", () => {
  const piece = fc.constantFrom(
    "<think>",
    "</think>",
    "<response>",
    "</response>",
    " ",
    "a",
    "b c",
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  const reply = fc.oneof(
    fc.record({ text }),
    fc.record({ thought: text, answer: text }),
  ) as fc.Arbitrary<PublicReply>;
  const format = fc.constantFrom<Format>("prompted-think", "prompted-nothink");
  fc.assert(
    fc.property(format, fc.array(reply, { maxLength: 3 }), (format, replies) => {
      for (const { thought, answer, malformed } of repairReplies(format, replies)) {
        assert.equal(answer === null, malformed !== null);
        assert.doesNotMatch(`${thought} ${answer}`, /<\/?(think|response)>/);
      }
    }),
    { numRuns: 2000 },
  );
});
