import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import type { ModelError } from "../../../lib/core/errors.ts";
import { geminiChat } from "../../../lib/model/gemini/gemini_chat.ts";
import { thinkingConfig } from "../../../lib/model/gemini/thinking.ts";
import { geminiReply, geminiRequest } from "../../../lib/model/gemini/translate.ts";
import { answering, chatRequest, fixture } from "../fixture.ts";

const KEY = "AIza-secret-key";

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
  for (const model of ["gemini-3.8-flash", "gemini-flash-latest", "gemini-pro-latest"]) {
    assert.equal(config(model, "simulated").config!.thinkingLevel, "low", model);
    // A budget is what the user asked for; a level beside it is refused.
    const native = { thinkingBudget: 2000, includeThoughts: true };
    assert.deepEqual(config(model, "native", 2000), { config: native, tokens: 2000 }, model);
  }
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
  await assert.rejects(read("prompt_blocked"), (error: ModelError) => {
    assert.deepEqual([error.kind, error.reason], ["reject", "prompt_blocked"]);
    // A blocked prompt is billed too (45).
    assert.equal((error.paid as { prompt_tokens: number }).prompt_tokens > 0, true);
    return true;
  });
  assert.throws(() => geminiReply({}), { kind: "retry", paid: "unknown" });
});

const SDKS = ["genai", "generative-ai"] as const;

/** Answers all requests with a recorded error, through a real SDK. */
async function failing(name: string, sdk: (typeof SDKS)[number]): Promise<ModelError> {
  const body = await fixture(`gemini/${name}`);
  const status = (body.error as { code: number }).code;
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const baseUrls = [`http://127.0.0.1:${port}/v1beta`];
  const model = await geminiChat({ model: "gemini-3.8-flash", apiKey: KEY, baseUrls, sdk });
  try {
    return await model.reply(chatRequest()).then(() => assert.fail("it passed"), (error) => error);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

for (const sdk of SDKS) {
  Deno.test(`Gemini's errors by ${sdk}: a minute's quota passes after RetryInfo, a day's and a bad key end the run`, async () => {
    const minute = await failing("error_429_minute", sdk);
    assert.deepEqual([minute.kind, minute.retryAfterMs, minute.throttled], ["retry", 34_500, true]);
    assert.doesNotMatch(minute.message, /127\.0\.0\.1|GoogleGenerativeAI|[{}]/);
    const day = await failing("error_429_day", sdk);
    assert.equal(day.kind, "fatal");
    assert.match(day.message, /out of quota/);
    const key = await failing("error_400_key", sdk);
    assert.equal(key.kind, "fatal");
    assert.match(key.message, /the key in GEMINI_API_KEY is refused/);
    const long = await failing("error_400_tokens", sdk);
    assert.deepEqual([long.kind, long.reason], ["reject", "context_overflow"]);
  });

  Deno.test(`by ${sdk} a redirect is not followed, so no key and no prompt reaches another host (58)`, async () => {
    const asked: string[] = [];
    const send: typeof fetch = (input, init) => {
      asked.push(`${new Request(input).url} ${init?.redirect}`);
      const headers = { location: "https://elsewhere.test/" };
      return Promise.resolve(new Response(null, { status: 307, headers }));
    };
    const model = await geminiChat({ model: "gemini-3.8-flash", apiKey: KEY, fetch: send, sdk });
    await assert.rejects(model.reply(chatRequest()), {
      kind: "fatal",
      message: /redirected to another server, https:\/\/elsewhere\.test/,
    });
    assert.equal(asked.length, 1);
    assert.match(asked[0]!, / manual$/);
  });

  Deno.test(`by ${sdk} a reply that breaks off or is no JSON was paid for (45)`, async () => {
    for (const body of ["<html>", '{"candidates": [']) {
      const headers = { "content-type": "application/json" };
      const send = () => Promise.resolve(new Response(body, { headers }));
      const model = await geminiChat({ model: "gemini-3.8-flash", apiKey: KEY, fetch: send, sdk });
      await assert.rejects(model.reply(chatRequest()), { kind: "retry", paid: "unknown" });
    }
  });
}

Deno.test("the two SDKs send equal requests and read equal replies, on the same recordings (23)", async () => {
  const asked = [
    chatRequest(),
    chatRequest({ messages: [{ role: "user", content: "Hi" }] }),
    chatRequest({ thinking: "native", thinkingBudget: 2000 }),
    chatRequest({ thinking: "structured", seed: 7, temperature: 0, topP: 0.5 }),
  ];
  const names = [
    "gemini-2.5-flash",
    "models/gemini-3.8-flash",
    "gemini-pro-latest",
    "gemma-4-31b-it",
  ];
  const recordings = ["completed", "thoughts", "thought_away", "safety", "recitation"];
  const runs = await Promise.all(SDKS.map(async (sdk) => {
    const seen: unknown[] = [];
    for (const name of names) {
      for (const recording of recordings) {
        const { send, asked: sent } = answering({ body: await fixture(`gemini/${recording}`) });
        for (const baseUrls of [undefined, ["http://a.test:1/", "http://b.test:2/v1beta"]]) {
          const model = await geminiChat({ model: name, apiKey: KEY, fetch: send, sdk, baseUrls });
          for (const request of asked) seen.push(await model.reply(request));
        }
        for (const { url, body, headers } of sent) {
          // In proto3's JSON an empty list is the same as none.
          const { safetySettings = [], ...rest } = body;
          assert.deepEqual(safetySettings, []);
          seen.push({ url, body: rest, key: headers.get("x-goog-api-key") });
        }
      }
    }
    return seen;
  }));
  assert.equal(runs[0]!.length, 4 * 5 * 16);
  assert.deepEqual(runs[0], runs[1]);
});

Deno.test("by default the host's own fetch is left as it is (23)", async () => {
  const script = `
    const before = globalThis.fetch;
    const { geminiChat } = await import("./lib/model/gemini/gemini_chat.ts");
    const body = { candidates: [{ finishReason: "STOP", content: { parts: [{ text: "Hi." }] } }] };
    const fetch = () => Promise.resolve(Response.json(body));
    const model = await geminiChat({ model: "gemini-3.8-flash", apiKey: "key", fetch });
    await model.reply({ id: "a", messages: [{ role: "user", content: "Hi" }], thinking: "none",
      maxTokens: 50, temperature: 1, topP: 1, seed: 1, attempt: 0 });
    console.log(globalThis.fetch === before);
  `;
  // The environment of the SDK is not asked: it could send a key elsewhere.
  const env = {
    GOOGLE_GENAI_USE_VERTEXAI: "true",
    GOOGLE_GEMINI_BASE_URL: "http://elsewhere.test",
  };
  const args = ["eval", "--no-check", script];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
  const said = new TextDecoder().decode(stdout).trim();
  assert.equal(said, "true", new TextDecoder().decode(stderr));
});
