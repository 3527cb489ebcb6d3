import assert from "node:assert/strict";
import type { ChatReply } from "../../lib/model/chat_model.ts";
import type { FinishReason } from "../../lib/core/records.ts";
import { instructed } from "../../lib/model/call/instruction.ts";
import { languageOf, otherLanguage } from "../../lib/teacher/language.ts";
import { lintThought } from "../../lib/teacher/lint.ts";
import { FAULT_POLICY, readTeacherReply } from "../../lib/teacher/reply_policy.ts";
import { mentionsTags } from "../../lib/reply/simulated.ts";

const reply = (text: string, fields: Partial<ChatReply> = {}): ChatReply => ({
  text,
  reasoning: null,
  finishReason: "stop",
  finishReasonRaw: "stop",
  usage: { prompt_tokens: 1, completion_tokens: 1, reasoning_tokens: 0 },
  ...fields,
});
const TAGGED = "<think>\nPlan.\n</think>\n<response>\nHi.\n</response>";

Deno.test("the instruction stands below the last user message and changes nothing else", () => {
  const messages = [
    { role: "system" as const, content: "Be brief." },
    { role: "user" as const, content: "Hello" },
    { role: "assistant" as const, content: "Hi!" },
    { role: "user" as const, content: "Capital of France?" },
  ];
  const given = structuredClone(messages);
  const simulated = instructed(messages, "simulated");
  assert.deepEqual(messages, given);
  assert.deepEqual(simulated.slice(0, 3), messages.slice(0, 3));
  assert.match(simulated[3]!.content, /^Capital of France\?\n\n[\s\S]*<think>[\s\S]*<response>/);
  assert.ok(!mentionsTags(instructed(messages, "structured")[3]!.content));
  for (const thinking of ["native", "none"] as const) {
    assert.deepEqual(instructed(messages, thinking), messages);
  }
  const noUser = instructed(messages.slice(0, 1), "simulated");
  assert.deepEqual(noUser.map(({ role }) => role), ["system", "user"]);
});

Deno.test("a reply is read as its teacher was asked to think", () => {
  const read = (text: string, thinking: Parameters<typeof readTeacherReply>[1], more = {}) => {
    const result = readTeacherReply(reply(text, more), thinking);
    return "read" in result
      ? [result.read.thought, result.read.answer]
      : [result.fault, result.rule];
  };
  assert.deepEqual(read(TAGGED, "simulated"), ["Plan.", "Hi."]);
  assert.deepEqual(read("Hi.", "simulated"), ["malformed", "missing_tag"]);
  assert.deepEqual(read('{"plan":"Plan.","reply":"Hi."}', "structured"), ["Plan.", "Hi."]);
  assert.deepEqual(read(TAGGED, "structured"), ["malformed", "not_json"]);
  assert.deepEqual(read(" Hi.\n", "none"), [null, "Hi."]);
  assert.deepEqual(read("Hi.", "native", { reasoning: "Hm." }), ["Hm.", "Hi."]);
  assert.deepEqual(read("Hi.", "native"), [null, "Hi."]);
  assert.deepEqual(read("<think>Hm.</think>\n\nHi.", "native"), ["Hm.", "Hi."]);
  assert.deepEqual(read("Hm.</think>Hi.", "native"), ["Hm.", "Hi."]);
  assert.deepEqual(read("<think>\n\n</think>\n\nHi.", "native"), [null, "Hi."]);
  assert.deepEqual(read("<think>Hm.", "native"), ["malformed", "inline_thought"]);
  assert.deepEqual(read("  ", "simulated"), ["empty", "stop"]);
});

Deno.test("a thought that a server took out of the text is put back, and that is told", () => {
  const read = (text: string, reasoning: string | null) => {
    const result = readTeacherReply(reply(text, { reasoning }), "simulated");
    if (!("read" in result)) return [result.fault, result.rule];
    return [result.read.thought, result.read.answer, ...result.read.repairs];
  };
  // LiteLLM, vLLM and SGLang with a reasoning parser.
  const answer = "\n<response>\nHi.\n</response>";
  assert.deepEqual(read(answer, "\nPlan.\n"), ["Plan.", "Hi.", "put_back_thought"]);
  // The thought was never closed: the parser took all of it.
  assert.deepEqual(read("", "Plan. <response>Hi.</response>"), [
    "Plan.",
    "Hi.",
    "put_back_thought",
    "added_think_end",
  ]);
  // The model's own reasoning beside a planned reply is left alone.
  assert.deepEqual(read(TAGGED, "Own."), ["Plan.", "Hi."]);
  assert.deepEqual(read("Hi.", "Own."), ["malformed", "missing_tag"]);
  assert.deepEqual(read("", "Own."), ["empty", "stop"]);
  assert.deepEqual(read(answer, null), ["malformed", "missing_tag"]);
});

Deno.test("each way of ending has its own fault and its own policy", () => {
  const faultOf = (finishReason: FinishReason, fields: Partial<ChatReply> = {}) => {
    const result = readTeacherReply(reply(TAGGED, { finishReason, ...fields }), "simulated");
    assert.ok("fault" in result);
    return [result.fault, FAULT_POLICY[result.fault]];
  };
  const thought = { prompt_tokens: 1, completion_tokens: 9, reasoning_tokens: 9 };
  assert.deepEqual(faultOf("length"), ["length", "more_room"]);
  assert.deepEqual(faultOf("length", { text: "", usage: thought }), ["thought_away", "more_room"]);
  assert.deepEqual(faultOf("content_filter"), ["content_filter", "reject"]);
  assert.deepEqual(faultOf("recitation"), ["recitation", "again"]);
  assert.deepEqual(faultOf("other"), ["other", "again"]);
});

Deno.test("languages of short prompts are told, and in doubt a prompt counts as English", () => {
  const texts: [string, string][] = [
    ["Schreibe ein Gedicht über den Herbst", "de"],
    ["Bonjour, comment ça va ?", "fr"],
    ["¿Qué hora es en Madrid ahora?", "es"],
    ["Scrivi una poesia sul mare", "it"],
    ["Napisz wiersz o morzu", "pl"],
    ["Viết một bài thơ về biển", "vi"],
    ["시를 써줘", "ko"],
    ["詩を書いてください", "ja"],
    ["اكتب قصيدة", "ar"],
    ["समुद्र पर एक कविता लिखो", "hi"],
  ];
  for (const [text, language] of texts) {
    assert.equal(languageOf(text), language, text);
    assert.equal(otherLanguage(text, "en"), language, text);
    assert.equal(otherLanguage(text, language), null, text);
  }
  const english = [
    "Hi",
    "thx",
    "2+2",
    "Explain RLHF vs DPO",
    "Hello my friend",
    "plz fix my code",
    "Write a story about a dragon named Jörg who lives in München.",
    "Translate this into French for me: good morning",
    "```python\nfür_alle = [x for x in liste]\n```\nWhat does this do?",
    "List 10 pizza toppings",
    "👋",
  ];
  for (const text of english) assert.equal(otherLanguage(text, "en"), null, text);
});

Deno.test("the lint names what is suspicious about a thought and nothing about a sound one", () => {
  const prompt = "How do I keep basil alive indoors over the winter?";
  const answer = "Put it by a south window, water when the top of the soil is dry, and pinch it " +
    "back each week so that it stays bushy and does not flower.";
  const lint = (thought: string | null, more = {}) =>
    lintThought({ prompt, thought, answer, ...more });
  const sound = "Basil dies indoors mostly from too little light and wet roots.\n" +
    "So: light first, then watering, then pruning. Keep it to a few sentences.";
  assert.deepEqual(lint(sound), []);
  assert.deepEqual(lint(null), ["empty_thought"]);
  assert.deepEqual(lint("  \n "), ["empty_thought"]);
  assert.deepEqual(lint("Give basil tips."), ["one_line_thought"]);
  assert.deepEqual(lint(`${sound}\nI was asked to first write a detailed plan.`), [
    "mentions_instruction",
  ]);
  assert.deepEqual(lint(`${sound}\nThe directions say to stay on topic.`), [
    "mentions_instruction",
  ]);
  assert.deepEqual(lint(`${sound}\nNow I close the think tag.`), ["mentions_tags"]);
  assert.deepEqual(lint(`${sound}\nThen <response> comes.`), ["mentions_tags"]);
  assert.deepEqual(lint(`${sound}\nDraft: ${answer}`), ["repeats_answer"]);
  const german = "Basilikum braucht im Winter vor allem viel Licht am Fenster.\n" +
    "Dazu mäßig gießen und regelmäßig die Spitzen abschneiden.";
  assert.deepEqual(lint(german), ["language_changes"]);
  const translation = {
    prompt: "Translate into German: basil needs light in winter",
    answer: german,
  };
  assert.deepEqual(lint(sound, translation), []);
  const tags = { prompt: "What does a <response> tag do in my XML?" };
  assert.deepEqual(lint(`${sound}\nThe <response> tag wraps it.`, tags), []);
});
