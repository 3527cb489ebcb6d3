import assert from "node:assert/strict";
import { ModelError } from "../../../lib/core/errors.ts";
import type { ChatRequest } from "../../../lib/model/chat_model.ts";
import { embeddedChat } from "../../../lib/model/embedded/embedded.ts";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/paths.ts";
import { chatModelOf, templatesOf } from "../../../lib/model/local/chat_model.ts";
import { localText } from "../../../lib/model/local/local.ts";
import { chatTemplateOf } from "../../../lib/reply/chat_template.ts";
import { promptedTemplate } from "../../../lib/reply/prompted_template.ts";

const request: ChatRequest = {
  id: "p1",
  messages: [{ role: "user", content: "What is the capital of Poland?" }],
  thinking: "simulated",
  maxTokens: 100,
  temperature: 0,
  topP: 1,
  seed: 1,
  attempt: 0,
};
const specialTokens = { bos_token: "<s>", eos_token: "</s>" };
const templateOf = (text: string) => chatTemplateOf(text, { file: "test", specialTokens });

Deno.test("the embedded teacher's reply holds its tags whole, the prefilled one too", async () => {
  const model = await embeddedChat();
  const { text, reasoning, finishReason, usage } = await model.reply(request);
  assert.equal(model.promptsForTags, true);
  assert.match(text, /^<think> .+ <\/think>\s<response> .+ <\/response>$/s);
  assert.deepEqual([reasoning, finishReason], [null, "stop"]);
  assert.ok(usage.prompt_tokens > 50 && usage.completion_tokens > 10);

  const native = await model.reply({ ...request, thinking: "native" });
  assert.equal(`<think> ${native.reasoning} </think>\n<response> ${native.text} </response>`, text);
  const none = await model.reply({ ...request, thinking: "none" });
  assert.ok(!none.text.includes("<") && none.reasoning === null, none.text);
  await model.close();
});

Deno.test("a reply that breaks its format where only its parts are asked for is rejected", async () => {
  const model = await embeddedChat();
  const short: ChatRequest = { ...request, thinking: "none", maxTokens: 2 };
  const rejected = (error: unknown) => error instanceof ModelError && error.reason === "length";
  await assert.rejects(model.reply(short), rejected);
  await model.close();
});

Deno.test("another attempt draws another reply, the same attempt the same", async () => {
  const model = await embeddedChat();
  const warm = { ...request, temperature: 2 };
  const [one, again, other] = await Promise.all(
    [0, 0, 1].map((attempt) => model.reply({ ...warm, attempt })),
  );
  assert.deepEqual(again, one);
  assert.notEqual(other!.text, one!.text);
  await model.close();
});

Deno.test("a folder's template says what it asks for", async () => {
  const kinds = (text: string) => Object.keys(templatesOf(templateOf(text))).sort();
  assert.deepEqual(kinds(promptedTemplate("rlmt", "think")), ["prompted-think"]);
  assert.deepEqual(kinds(promptedTemplate("document", "nothink")), ["prompted-nothink"]);
  assert.deepEqual(kinds("{{ messages[0].content }}<think>"), ["chat", "chat-think"]);

  const text = await localText(EMBEDDED_POLICY, { name: "chat" });
  const model = chatModelOf(text, templatesOf(templateOf("<s>{{ messages[0].content }}")));
  assert.equal(model.promptsForTags, false);
  await assert.rejects(
    model.reply({ ...request, thinking: "structured" }),
    /--thinking structured/,
  );
  await model.close();
});

Deno.test("a template that refuses the messages rejects the prompt", async () => {
  const text = await localText(EMBEDDED_POLICY, { name: "chat" });
  const template = templateOf("{{ raise_exception('no system message') }}");
  const model = chatModelOf(text, templatesOf(template));
  const rejected = (error: unknown) =>
    error instanceof ModelError && error.reason === "template_error" &&
    /no system message/.test(error.message);
  await assert.rejects(model.reply(request), rejected);
  await model.close();
});
