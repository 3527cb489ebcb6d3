import assert from "node:assert/strict";
import fc from "fast-check";
import type { Format } from "../../lib/core/records.ts";
import {
  faultOf,
  hasThought,
  prefillFor,
  prefillOf,
  renderReply,
  type ReplyParts,
  stopsOf,
} from "../../lib/reply/format.ts";
import { MALFORMED_REASONS } from "../../lib/reply/malformed.ts";
import { parseReply } from "../../lib/reply/parse_reply.ts";
import { pythonStrip } from "../../lib/reply/python_strip.ts";

fc.configureGlobal({ numRuns: 1000 });

const formats: Format[] = ["prompted-think", "prompted-nothink", "chat-think", "chat"];
const tags = ["<think>", "</think>", "<response>", "</response>"];
const stop = { finishReason: "stop" } as const;

/** Text with the white space and the near-tags that parsers stumble on, but no tag. */
const part = fc.array(
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.constantFrom(
      "\n",
      " ",
      "\ufeff",
      "\x1f",
      "\x85",
      "\u2028",
      "<",
      ">",
      "</",
      "<think",
      "think>",
    ),
    fc.constantFrom("</response", "<response/>", "<Think>", "< think>", "User:", "$&", "a\\nb"),
  ),
  { minLength: 1, maxLength: 8 },
).map((pieces) => pieces.join("")).filter((text) =>
  pythonStrip(text).trim() !== "" && !tags.some((tag) => text.includes(tag))
);
const format = fc.constantFrom(...formats);
const parts: fc.Arbitrary<ReplyParts> = fc.record({ thought: part, answer: part });

function stripped(format: Format, { thought, answer }: ReplyParts) {
  return {
    thought: hasThought(format) ? pythonStrip(thought!) : null,
    answer: pythonStrip(answer),
    malformed: null,
  };
}

Deno.test("a rendered reply is read back as the parts it was made of", () => {
  fc.assert(fc.property(format, parts, fc.boolean(), (format, parts, rlmt) => {
    const text = renderReply(format, parts, rlmt ? { compat: "rlmt" } : {});
    assert.deepEqual(parseReply(format, text, stop), stripped(format, parts));
  }));
});

Deno.test("what follows a prefill is read back as if it were whole", () => {
  fc.assert(fc.property(format, parts, (format, parts) => {
    const text = renderReply(format, parts).slice(prefillOf(format).trim().length);
    const read = parseReply(format, text, { ...stop, prefilled: hasThought(format) });
    assert.deepEqual(read, stripped(format, parts));
  }));
});

Deno.test("the four formats are written as the contract says", () => {
  const parts = { thought: " plan\n", answer: "\tdo " };
  const texts = Object.fromEntries(formats.map((format) => [format, renderReply(format, parts)]));
  assert.deepEqual(texts, {
    "prompted-think": "<think> plan </think>\n<response> do </response>",
    "prompted-nothink": "<response> do </response>",
    "chat-think": "<think>\nplan\n</think>\n\ndo",
    "chat": "do",
  });
  assert.equal(
    renderReply("chat-think", parts, { compat: "rlmt" }),
    "<think>\nplan\n</think>\ndo",
  );
});

Deno.test("a part that is empty or holds a tag cannot be written", () => {
  const write = (format: Format, thought: string | null, answer: string) => () =>
    renderReply(format, { thought, answer });
  assert.throws(write("prompted-think", null, "a"), /prompted-think: empty_part/);
  assert.throws(write("chat", null, " \ufeff\x1f"), /chat: empty_part/);
  assert.throws(write("prompted-think", "a </think> b", "c"), /unexpected_tag/);
  assert.throws(write("prompted-nothink", null, "say <response>"), /unexpected_tag/);
  assert.throws(write("chat", null, "<think> a </think> b"), /unexpected_tag/);
  assert.equal(faultOf("chat", { thought: null, answer: "an XML <response> tag" }), null);
  assert.equal(faultOf("chat", { thought: "", answer: "a" }), null);
});

Deno.test("each broken rule has its reason", () => {
  const reasons: [Format, string, string][] = [
    ["prompted-think", "<think> a </think> b", "missing_tag"],
    ["prompted-think", "b", "missing_tag"],
    ["prompted-think", "", "missing_tag"],
    ["prompted-think", "<think> a </think><response> b </respon", "missing_tag"],
    ["prompted-think", "<think> a <response> b </response> </think>", "nested_tag"],
    ["prompted-think", "<think> a <think> b </think> <response> c </response>", "nested_tag"],
    [
      "prompted-think",
      "<think>a</think><response>b</response><response>c</response>",
      "repeated_tag",
    ],
    ["prompted-think", "<response>b</response><think>a</think>", "misplaced_tag"],
    ["prompted-think", "Sure! <think>a</think><response>b</response>", "text_before_start"],
    ["prompted-think", "<think>a</think> so <response>b</response>", "text_between_parts"],
    ["prompted-think", "<think>a</think><response>b</response>\nUser: c", "text_after_end"],
    ["prompted-think", "<think> </think><response>b</response>", "empty_part"],
    ["prompted-think", "<think>a</think><response>\ufeff</response>", "empty_part"],
    ["prompted-nothink", "<think>a</think><response>b</response>", "unexpected_tag"],
    ["prompted-nothink", "<response>b</response> and", "text_after_end"],
    ["prompted-nothink", "a <response>b</response>", "text_before_start"],
    ["prompted-nothink", "<response>b", "missing_tag"],
    ["chat-think", "a</think>b", "missing_tag"],
    ["chat-think", "<think>a</think>", "empty_part"],
    ["chat-think", "<think>\n\n</think>\n\nb", "empty_part"],
    ["chat-think", "<think>a</think>b<think>c</think>d", "repeated_tag"],
    ["chat-think", "hm <think>a</think>b", "text_before_start"],
    ["chat", "<think>a</think>b", "unexpected_tag"],
    ["chat", " \n", "empty_part"],
  ];
  for (const [format, text, reason] of reasons) {
    const read = parseReply(format, text, stop);
    assert.deepEqual(
      read,
      { thought: null, answer: null, malformed: reason },
      `${format}: ${text}`,
    );
    assert.ok((MALFORMED_REASONS as readonly string[]).includes(reason));
  }
});

Deno.test("a reply that did not end by itself has no answer, however whole it looks", () => {
  fc.assert(fc.property(format, parts, (format, parts) => {
    const text = renderReply(format, parts);
    const malformed = (finishReason: "length" | "content_filter" | "recitation" | "other") =>
      parseReply(format, text, { finishReason }).malformed;
    assert.equal(malformed("length"), "cut_by_length");
    assert.equal(malformed("content_filter"), "cut_by_provider");
    assert.equal(malformed("recitation"), "cut_by_provider");
    assert.equal(malformed("other"), "cut_by_provider");
  }));
});

Deno.test("a prompted reply cut anywhere before its end is malformed", () => {
  fc.assert(
    fc.property(
      parts,
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (parts, think, at) => {
        const format = think ? "prompted-think" : "prompted-nothink";
        const whole = renderReply(format, parts);
        const cut = whole.slice(0, Math.min(whole.length - 1, Math.floor(at * whole.length)));
        assert.equal(parseReply(format, cut, stop).answer, null);
      },
    ),
  );
});

Deno.test("a tag dropped, doubled or swapped, or text where none belongs, is never taken as well-formed", () => {
  const mutation = fc.record({ at: fc.nat(3), to: fc.nat(3), tag: fc.constantFrom(...tags), part });
  fc.assert(fc.property(
    fc.constantFrom<Format>("prompted-think", "prompted-nothink", "chat-think"),
    parts,
    mutation,
    (format, parts, { at, to, tag, part }) => {
      const whole = renderReply(format, parts);
      const pieces = whole.split(/(<\/?(?:think|response)>)/);
      const places = pieces.flatMap((piece, i) => tags.includes(piece) ? [i] : []);
      const i = places[at % places.length]!, j = places[to % places.length]!;
      const own = pieces[i]!;
      const mutants = [
        pieces.toSpliced(i, 1),
        pieces.toSpliced(i, 0, own),
        pieces.toSpliced(i, 1, tag),
        pieces.with(i, pieces[j]!).with(j, own),
        pieces.toSpliced(0, 0, part),
      ];
      if (format !== "chat-think") mutants.push([...pieces, part]);
      for (const mutant of mutants) {
        const text = mutant.join("");
        if (text === whole) continue;
        const read = parseReply(format, text, stop);
        // A tag of another family may stand in a chat's answer: it is text there.
        if (format === "chat-think" && /response/.test(tag) && mutant[i] === tag) continue;
        assert.equal(read.answer, null, text);
        assert.notEqual(read.malformed, null);
      }
    },
  ));
});

Deno.test("no text at all gives a part that is empty, unstripped or holds a tag of its format", () => {
  const noise = fc.array(fc.oneof(fc.constantFrom(...tags, " ", "\n", "a", "\ufeff"), part), {
    maxLength: 12,
  }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(format, noise, fc.boolean(), (format, text, prefilled) => {
      const read = parseReply(format, text, {
        ...stop,
        prefilled: prefilled && hasThought(format),
      });
      if (read.answer === null) return;
      assert.equal(faultOf(format, { thought: read.thought, answer: read.answer }), null);
      assert.equal(read.answer, pythonStrip(read.answer));
      assert.equal(read.thought !== null, hasThought(format));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a stop string that the server took off is put back only where it is named", () => {
  const text = " a </think>\n<response> b ";
  const read = (stoppedAt: string | null, finishReason: "stop" | "length" = "stop") =>
    parseReply("prompted-think", text, { finishReason, prefilled: true, stoppedAt });
  assert.equal(read(stopsOf("prompted-think")[0]!).answer, "b");
  assert.equal(read(null).malformed, "missing_tag");
  assert.equal(read("</response>", "length").malformed, "cut_by_length");
});

Deno.test("prompts are prefilled where their template did not open the thought already", () => {
  assert.equal(prefillFor("prompted-think", "…\nAssistant:"), " <think>");
  assert.equal(prefillFor("prompted-nothink", "…\nAssistant:"), "");
  assert.equal(prefillFor("chat-think", "<|im_start|>assistant\n"), "<think>\n");
  assert.equal(prefillFor("chat-think", "<|im_start|>assistant\n<think>\n"), "");
  assert.equal(prefillFor("chat", "<|im_start|>assistant\n"), "");
});
