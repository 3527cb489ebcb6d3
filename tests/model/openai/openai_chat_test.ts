import assert from "node:assert/strict";
import { ModelError } from "../../../lib/core/errors.ts";
import { completionsReply, completionsRequest } from "../../../lib/model/openai/completions.ts";
import { openaiChat } from "../../../lib/model/openai/openai_chat.ts";
import { responsesReply, responsesRequest } from "../../../lib/model/openai/responses.ts";
import { answering, chatRequest, fixture } from "../fixture.ts";

const KEY = "sk-marked-7f3a9c51e2";

Deno.test("the Responses API gets every turn as it is, the limits, and nothing to store", () => {
  assert.deepEqual(responsesRequest(chatRequest(), "gpt-4.1-mini"), {
    model: "gpt-4.1-mini",
    input: chatRequest().messages,
    max_output_tokens: 512,
    temperature: 0.7,
    top_p: 0.9,
    store: false,
  });
  const native = responsesRequest(chatRequest({ thinking: "native", thinkingBudget: 1000 }), "m");
  assert.deepEqual([native.reasoning, native.max_output_tokens], [{ summary: "auto" }, 1512]);
  const format = responsesRequest(chatRequest({ thinking: "structured" }), "m").text!.format!;
  assert.ok(format.type === "json_schema" && format.strict);
  assert.deepEqual(format.schema.required, ["plan", "reply"]);
  assert.equal(format.schema.additionalProperties, false);
});

Deno.test("replies of the Responses API are read with reasoning, refusals, cuts and usage apart", async () => {
  const read = async (name: string) => responsesReply(await fixture(`openai/responses_${name}`));
  const completed = await read("completed");
  assert.match(completed.text, /^<think>[\s\S]*<\/response>$/);
  assert.deepEqual([completed.finishReason, completed.finishReasonRaw], ["stop", "completed"]);
  assert.deepEqual(completed.usage, {
    prompt_tokens: 312,
    completion_tokens: 88,
    reasoning_tokens: 0,
    cached_tokens: 256,
  });
  const reasoned = await read("reasoning");
  assert.equal(reasoned.text, "Paris.");
  assert.match(reasoned.reasoning!, /^\*\*Finding[\s\S]*\n\n\*\*Writing/);
  assert.equal(reasoned.usage.reasoning_tokens, 64);
  const away = await read("thought_away");
  assert.deepEqual([away.text, away.finishReason, away.finishReasonRaw], [
    "",
    "length",
    "max_output_tokens",
  ]);
  assert.equal((await read("content_filter")).finishReason, "content_filter");
  const refusal = await read("refusal");
  assert.deepEqual([refusal.finishReason, refusal.finishReasonRaw], ["content_filter", "refusal"]);
  await assert.rejects(read("failed"), { kind: "retry", message: /server_error/ });
  assert.throws(() => responsesReply({ hello: 1 }), { kind: "retry" });
});

Deno.test("chat completions get a seed of the item's own; reasoning_content is read as reasoning", async () => {
  const body = completionsRequest(chatRequest(), "m");
  assert.deepEqual(body.messages, chatRequest().messages);
  assert.equal(body.max_tokens, 512);
  assert.notEqual(body.seed, completionsRequest(chatRequest({ attempt: 1 }), "m").seed);
  assert.notEqual(body.seed, completionsRequest(chatRequest({ id: "p2" }), "m").seed);
  const read = async (name: string) => completionsReply(await fixture(`openai/chat_${name}`));
  assert.deepEqual((await read("completed")).usage, {
    prompt_tokens: 19,
    completion_tokens: 10,
    reasoning_tokens: 0,
    cached_tokens: 8,
  });
  const reasoned = await read("reasoning_content");
  assert.equal(reasoned.reasoning, "The capital of France is Paris.");
  assert.equal((await read("length")).finishReason, "length");
  assert.throws(() => completionsReply({ choices: [] }), { kind: "retry" });
});

const failures = [
  ["error_401", 401, "fatal", /OPENAI_API_KEY is refused \(401 invalid_api_key\)$/],
  ["error_429_quota", 429, "fatal", /out of quota/],
  ["error_429_rate", 429, "retry", /429 rate_limit_exceeded/],
  ["error_400_context", 400, "reject", /context_length_exceeded/],
  ["error_404_model", 404, "fatal", /no such model/],
] as const;
for (const [name, status, kind, message] of failures) {
  Deno.test(`${name} is ${kind}, in one line`, async () => {
    const { send } = answering({ status, body: await fixture(`openai/${name}`) });
    const model = openaiChat({ model: "m", apiKey: "sk-secret-key", fetch: send });
    await assert.rejects(model.reply(chatRequest()), (error: ModelError) => {
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      assert.equal(error.throttled, status === 429 && kind === "retry");
      return true;
    });
  });
}

Deno.test("Retry-After is read in seconds, milliseconds and as a date", async () => {
  const body = await fixture("openai/error_429_rate");
  const now = Date.parse("2026-11-22T10:00:00Z");
  const asked = async (headers: HeadersInit) => {
    const { send } = answering({ status: 429, body, headers });
    const model = openaiChat({ model: "m", apiKey: "sk-1", fetch: send, now: () => now });
    const error = await model.reply(chatRequest()).catch((error) => error);
    return (error as ModelError).retryAfterMs;
  };
  assert.equal(await asked({ "retry-after": "7" }), 7000);
  assert.equal(await asked({ "retry-after": "7", "retry-after-ms": "150" }), 150);
  assert.equal(await asked({ "retry-after": "Sun, 22 Nov 2026 10:00:09 GMT" }), 9000);
  assert.equal(await asked({}), undefined);
});

Deno.test("a parameter that the model refuses is left out from then on, and said once", async () => {
  const refusal = { status: 400, body: await fixture("openai/error_400_temperature") };
  const { send, asked } = answering(refusal, { body: await fixture("openai/responses_reasoning") });
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const model = openaiChat({ model: "o4-mini", apiKey: "sk-1", fetch: send, log });
  await assert.rejects(model.reply(chatRequest()), { kind: "retry", outage: false });
  assert.equal((await model.reply(chatRequest())).text, "Paris.");
  await model.reply(chatRequest());
  assert.deepEqual(asked.map(({ body }) => "temperature" in body), [true, false, false]);
  assert.equal(lines.length, 1);
});

Deno.test("OpenAI's own address speaks Responses, another address chat completions, in turn over servers", async () => {
  const own = answering({ body: await fixture("openai/responses_completed") });
  await openaiChat({ model: "m", apiKey: "sk-1", fetch: own.send }).reply(chatRequest());
  assert.equal(own.asked[0]!.url, "https://api.openai.com/v1/responses");
  assert.equal(own.asked[0]!.headers.get("authorization"), "Bearer sk-1");
  const other = answering({ body: await fixture("openai/chat_completed") });
  const baseUrls = ["http://a.test:1", "http://b.test:1/v1"];
  const model = openaiChat({ model: "m", baseUrls, fetch: other.send });
  await model.reply(chatRequest());
  await model.reply(chatRequest());
  assert.deepEqual(other.asked.map(({ url }) => url), [
    "http://a.test:1/v1/chat/completions",
    "http://b.test:1/v1/chat/completions",
  ]);
});

Deno.test("a broken connection and a request without an end may pass; a stop is passed on", async () => {
  const broken = () => Promise.reject(new TypeError("connection reset"));
  const model = openaiChat({ model: "m", apiKey: "sk-1", fetch: broken });
  await assert.rejects(model.reply(chatRequest()), {
    kind: "retry",
    throttled: false,
    message: /connection reset/,
  });
  const hanging = () => new Promise<Response>(() => {});
  const slow = openaiChat({ model: "m", apiKey: "sk-1", fetch: hanging, timeoutMs: 10 });
  await assert.rejects(slow.reply(chatRequest()), {
    kind: "retry",
    message: /no reply within 0.01 s/,
  });
  const stop = new AbortController();
  const stopped = slow.reply(chatRequest({ signal: stop.signal }));
  stop.abort(new DOMException("enough", "AbortError"));
  await assert.rejects(stopped, { name: "AbortError" });
});

Deno.test("commentary is no part of the answer, and whole reasoning is read before its summary (44)", async () => {
  const body = await fixture("openai/responses_commentary");
  const reply = responsesReply(body);
  assert.equal(reply.text, "Paris.");
  assert.equal(reply.reasoning, "France's capital is Paris, as everybody knows.");
});

Deno.test("finish reasons of compatible servers are ends of their own, none among them (44)", () => {
  const read = (finish_reason: unknown, completion_tokens = 3) =>
    completionsReply({
      choices: [{ finish_reason, message: { content: "Paris." } }],
      usage: { prompt_tokens: 5, completion_tokens },
    }, 16);
  for (const reason of ["stop", "eos", "eos_token", "EOS_TOKEN", "end_turn", null, undefined, ""]) {
    assert.equal(read(reason).finishReason, "stop", String(reason));
  }
  assert.equal(read(null, 16).finishReason, "length", "no reason, and all its tokens written");
  assert.equal(read("max_tokens").finishReason, "length");
  assert.equal(read("tool_calls").finishReason, "other");
});

Deno.test("usage that no server could mean is none, and what a failed response cost is known (45, 57)", () => {
  const usage = { prompt_tokens: -5, completion_tokens: "many", prompt_tokens_details: 3 };
  const choices = [{ finish_reason: "stop", message: { content: "x" } }];
  const reply = completionsReply({ choices, usage });
  assert.deepEqual([reply.usage.prompt_tokens, reply.usage.completion_tokens], [0, 0]);
  const told = {
    input_tokens: 50,
    input_tokens_details: { cached_tokens: 10, cache_write_tokens: 30 },
    output_tokens: 7,
  };
  const failed = (code: string) => ({
    status: "failed",
    error: { code, message: "No." },
    usage: told,
  });
  assert.throws(() => responsesReply(failed("server_error")), (error: ModelError) => {
    assert.equal(error.kind, "retry");
    assert.deepEqual(error.paid, {
      prompt_tokens: 50,
      completion_tokens: 7,
      reasoning_tokens: 0,
      cached_tokens: 10,
      cache_write_tokens: 30,
    });
    return true;
  });
  for (const code of ["bio_policy", "misalignment_policy_violation", "invalid_prompt"]) {
    assert.throws(() => responsesReply(failed(code)), { kind: "reject", reason: "prompt_blocked" });
  }
});

Deno.test("a request that is more than a minute's tokens never passes: it is a reject (46)", async () => {
  const message = "Request too large for gpt-4.1 in organization org-1 on tokens per min (TPM): " +
    "Limit 30000, Requested 45000. The input or output tokens must be reduced.";
  const error = { message, type: "tokens", param: null, code: "rate_limit_exceeded" };
  const { send } = answering({ status: 429, body: { error } });
  const model = openaiChat({ model: "m", apiKey: KEY, fetch: send });
  await assert.rejects(model.reply(chatRequest()), { kind: "reject", reason: "context_overflow" });
});

Deno.test("a key is withheld before a message is folded or cut (38)", async () => {
  for (const before of [0, 250, 280, 290, 297, 299]) {
    const message = `${"x".repeat(before)} ${KEY}`;
    const { send } = answering({
      status: 400,
      body: { error: { message, code: "invalid_value" } },
    });
    const model = openaiChat({ model: "m", apiKey: KEY, fetch: send });
    const error = await model.reply(chatRequest()).catch((error) => error);
    assert.ok(!error.message.includes(KEY.slice(0, 6)), `${before}: ${error.message}`);
  }
});

Deno.test("a page of HTML and JSON of another shape are said in words (48)", async () => {
  const said = async (body: string, type: string) => {
    const send = () =>
      Promise.resolve(new Response(body, { status: 502, headers: { "content-type": type } }));
    const model = openaiChat({ model: "m", apiKey: KEY, fetch: send });
    return (await model.reply(chatRequest()).catch((error) => error)).message;
  };
  const page = "<html>\n<head><title>502 Bad Gateway</title></head><body><h1>x</h1></body></html>";
  assert.equal(await said(page, "text/html"), 'openai: 502: a web page, "502 Bad Gateway"');
  assert.equal(
    await said('{"detail":[{"msg":"no worker"}]}', "application/json"),
    "openai: 502: no worker",
  );
});

Deno.test("a reply that breaks off was paid for, one that never came was not (45)", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"output": ['));
    },
    pull: (controller) => controller.error(new TypeError("error reading a body from connection")),
  });
  const headers = { "content-type": "application/json" };
  const bodies = [broken, "{", "<html>", '{"output": 3}'];
  for (const body of bodies) {
    const send = () => Promise.resolve(new Response(body, { headers }));
    const model = openaiChat({ model: "m", apiKey: KEY, fetch: send });
    await assert.rejects(model.reply(chatRequest()), { kind: "retry", paid: "unknown" });
  }
  const refused = openaiChat({ model: "m", apiKey: KEY, baseUrls: ["http://127.0.0.1:48219"] });
  await assert.rejects(refused.reply(chatRequest()), (error: ModelError) => {
    assert.equal(error.message, "openai: http://127.0.0.1:48219: connection refused");
    assert.equal(error.paid, undefined);
    return true;
  });
});
