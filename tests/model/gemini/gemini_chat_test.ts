import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import type { ModelError } from "../../../lib/core/errors.ts";
import { geminiChat } from "../../../lib/model/gemini/gemini_chat.ts";
import { thinkingConfig } from "../../../lib/model/gemini/thinking.ts";
import { geminiReply, geminiRequest } from "../../../lib/model/gemini/translate.ts";
import { chatRequest, fixture } from "../fixture.ts";

Deno.test("Gemini gets turns by its own roles, system messages apart, neighbours joined", () => {
  const messages = [
    ...chatRequest().messages,
    { role: "user" as const, content: "And of Spain?" },
    { role: "system" as const, content: "Use English." },
  ];
  const body = geminiRequest(chatRequest({ messages }), "gemini-2.0-flash");
  assert.deepEqual(body.contents, [
    { role: "user", parts: [{ text: "Hello" }] },
    { role: "model", parts: [{ text: "Hi!" }] },
    { role: "user", parts: [{ text: "Capital of France?" }, { text: "And of Spain?" }] },
  ]);
  assert.deepEqual(body.systemInstruction, {
    role: "system",
    parts: [{ text: "Be brief.\n\nUse English." }],
  });
  assert.equal(body.generationConfig!.maxOutputTokens, 512);
  assert.ok(!("thinkingConfig" in body.generationConfig!));
});

Deno.test("a model thinks natively only where it is asked to, and its budget never eats the reply's", () => {
  const config = (model: string, thinking: "simulated" | "native", budget?: number) =>
    thinkingConfig(model, thinking, budget);
  assert.deepEqual(config("gemini-2.5-flash", "simulated"), {
    config: { thinkingBudget: 0 },
    tokens: 0,
  });
  assert.deepEqual(config("gemini-2.5-pro", "simulated"), {
    config: { thinkingBudget: 128 },
    tokens: 128,
  });
  assert.deepEqual(config("gemini-2.5-flash", "native", 2000), {
    config: { thinkingBudget: 2000, includeThoughts: true },
    tokens: 2000,
  });
  assert.deepEqual(config("gemini-2.0-flash", "simulated"), { config: undefined, tokens: 0 });
  assert.equal(config("gemini-3-pro-preview", "simulated").config!.thinkingLevel, "low");
  const request = chatRequest({ thinking: "native", thinkingBudget: 2000 });
  assert.equal(geminiRequest(request, "gemini-2.5-flash").generationConfig!.maxOutputTokens, 2512);
});

Deno.test("a structured reply is asked for by a schema in Google's own subset", () => {
  const config = geminiRequest(chatRequest({ thinking: "structured" }), "gemini-2.0-flash")
    .generationConfig as unknown as Record<string, Record<string, unknown>>;
  assert.equal(config.responseMimeType, "application/json");
  assert.deepEqual(config.responseSchema!.propertyOrdering, ["plan", "reply"]);
  assert.ok(!("additionalProperties" in config.responseSchema!));
});

Deno.test("Gemini's replies are read with thoughts, blocks, cuts and usage apart", async () => {
  const read = async (name: string) => geminiReply(await fixture(`gemini/${name}`));
  const completed = await read("completed");
  assert.match(completed.text, /^<think>[\s\S]*<\/response>$/);
  assert.deepEqual([completed.finishReason, completed.finishReasonRaw], ["stop", "STOP"]);
  const thoughts = await read("thoughts");
  assert.deepEqual([thoughts.text, thoughts.reasoning], [
    "Paris.",
    "**Recalling the capital**\n\nParis it is.",
  ]);
  assert.deepEqual(thoughts.usage, {
    prompt_tokens: 9,
    completion_tokens: 66,
    reasoning_tokens: 64,
    cached_tokens: 4,
  });
  const away = await read("thought_away");
  assert.deepEqual([away.text, away.finishReason, away.usage.reasoning_tokens], [
    "",
    "length",
    512,
  ]);
  assert.equal((await read("recitation")).finishReason, "recitation");
  assert.equal((await read("safety")).finishReason, "content_filter");
  await assert.rejects(read("prompt_blocked"), { kind: "reject", reason: "prompt_blocked" });
  assert.throws(() => geminiReply({}), { kind: "retry" });
});

/** Answers all requests with a recorded error, through the real SDK. */
async function failing(name: string): Promise<ModelError> {
  const body = await fixture(`gemini/${name}`);
  const status = (body.error as { code: number }).code;
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const baseUrls = [`http://127.0.0.1:${port}/v1beta`];
  const model = geminiChat({ model: "gemini-2.5-flash", apiKey: "AIza-secret", baseUrls });
  try {
    return await model.reply(chatRequest()).then(() => assert.fail("it passed"), (error) => error);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

Deno.test("Gemini's errors: a minute's quota passes after RetryInfo, a day's and a bad key end the run", async () => {
  const minute = await failing("error_429_minute");
  assert.deepEqual([minute.kind, minute.retryAfterMs, minute.throttled], ["retry", 34_500, true]);
  assert.doesNotMatch(minute.message, /127\.0\.0\.1|GoogleGenerativeAI/);
  const day = await failing("error_429_day");
  assert.equal(day.kind, "fatal");
  assert.match(day.message, /out of quota/);
  const key = await failing("error_400_key");
  assert.equal(key.kind, "fatal");
  assert.match(key.message, /the key in GEMINI_API_KEY is refused/);
  const long = await failing("error_400_tokens");
  assert.deepEqual([long.kind, long.reason], ["reject", "context_overflow"]);
});
