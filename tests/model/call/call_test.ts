import assert from "node:assert/strict";
import { ModelError } from "../../../lib/core/errors.ts";
import { type Call, wrapped } from "../../../lib/model/call/call.ts";
import { patient, timeLimited, unlessDown, watched } from "../../../lib/model/call/guards.ts";
import { paced } from "../../../lib/model/call/paid.ts";
import { refusedParameters, withoutRefused } from "../../../lib/model/call/refused_parameters.ts";
import { usageOf } from "../../../lib/model/call/usage.ts";
import type { ChatReply, ChatRequest } from "../../../lib/model/chat_model.ts";
import { withheld } from "../../../lib/model/withhold_key.ts";
import { circuitBreaker } from "../../../lib/run/circuit_breaker.ts";
import type { Patience } from "../../../lib/run/patience.ts";

const chat = (content: string, maxTokens: number): ChatRequest => ({
  ...{ id: "p", messages: [{ role: "user", content }], thinking: "none", maxTokens },
  ...{ temperature: 1, topP: 1, seed: 1, attempt: 0 },
});

const reply = (text: string): ChatReply => ({
  ...{ text, reasoning: null, finishReason: "stop", finishReasonRaw: "stop" },
  usage: { prompt_tokens: 10, completion_tokens: 20, reasoning_tokens: 0 },
});

Deno.test("wrappers stand in the order of their list, the first outermost", async () => {
  const order: string[] = [];
  const named =
    (name: string) =>
    (next: Call<string, string>): Call<string, string> =>
    async (request, signal) => {
      order.push(name);
      return `${name}(${await next(request, signal)})`;
    };
  const call = wrapped((request: string) => Promise.resolve(request), [named("a"), named("b")]);
  assert.equal(await call("x"), "a(b(x))");
  assert.deepEqual(order, ["a", "b"]);
});

Deno.test("a call that is given no answer ends at its time limit, and its signal is aborted", async () => {
  let aborted = false;
  const silent: Call<string, string> = (_, signal) =>
    new Promise(() => signal!.addEventListener("abort", () => aborted = true));
  await assert.rejects(
    wrapped(silent, [timeLimited(5)])("x"),
    (error) =>
      error instanceof ModelError && error.kind === "retry" && /no reply/.test(error.message),
  );
  assert.equal(aborted, true);
});

Deno.test("a watch is left however a call ends", async () => {
  let inside = 0;
  const watch = { enter: () => (inside++, () => void inside--), close: () => {} };
  const call = wrapped(
    (fail: boolean) => fail ? Promise.reject(new Error("x")) : Promise.resolve(),
    [
      watched<boolean, void>(watch),
    ],
  );
  await call(false);
  await assert.rejects(call(true));
  assert.equal(inside, 0);
});

Deno.test("a refused parameter is learnt once, said once, and left out from then on: no loop", async () => {
  const lines: string[] = [];
  const known = refusedParameters({
    provider: "p",
    model: "m",
    refused: (error) => (error as { param?: string }).param,
    log: (line) => lines.push(line),
  });
  const sent: Record<string, unknown>[] = [];
  const send: Call<Record<string, unknown>, string> = (body) => {
    sent.push(body);
    return "seed" in body ? Promise.reject({ param: "seed" }) : Promise.resolve("ok");
  };
  const breaker = circuitBreaker({
    monotonic: () => performance.now(),
    sleep: () => Promise.resolve(),
    log: (line) => lines.push(line),
    failures: 1,
    failingMs: 0,
  });
  const call = wrapped(send, [unlessDown(breaker), withoutRefused(known)]);
  const body = { seed: 1, text: "x" };
  const refused = await Promise.allSettled([call(body), call(body)]);
  for (const each of refused) {
    assert.ok(each.status === "rejected" && each.reason.kind === "retry" && !each.reason.outage);
  }
  assert.equal(await call(body), "ok");
  assert.deepEqual(lines, ["p: m takes no seed: it is left out"]);
  assert.deepEqual(sent.at(-1), { text: "x" });
  // Another failure is not taken for a refusal.
  assert.equal(known.learn({ param: "seed" }, { text: "x" }), undefined);
});

Deno.test("usage passes the records' schema whatever a server tells", () => {
  const told = { prompt: -5, completion: NaN, reasoning: 1e300, cached: "7" };
  assert.deepEqual(usageOf(told, { prompt_tokens: 9, completion_tokens: 4 }), {
    prompt_tokens: 9,
    completion_tokens: 4,
    reasoning_tokens: 0,
    cached_tokens: 0,
  });
  assert.deepEqual(usageOf({ prompt: 10, completion: 3.2, reasoning: 9, cached: 99 }), {
    prompt_tokens: 10,
    completion_tokens: 4,
    reasoning_tokens: 4,
    cached_tokens: 10,
  });
});

Deno.test("a key comes out of neither a reply nor an error, and a stop is told as it was", async () => {
  const key = "sk-0123456789", request = "x";
  const known = (error: unknown) => new ModelError("retry", `refused: ${(error as Error).message}`);
  const through = (send: Call<string, ChatReply>) =>
    wrapped(send, [withheld({ provider: "p", apiKey: key }, known)]);
  const said = { ...reply("a"), text: `it is ${key}`, reasoning: key };
  const { text, reasoning } = await through(() => Promise.resolve(said))(request);
  assert.deepEqual([text, reasoning], ["it is [key]", "[key]"]);
  const failing = through(() => Promise.reject(new Error(`bad ${key}`)));
  await assert.rejects(failing(request), { message: "p: refused: bad [key]" });
  const stop = AbortSignal.abort(new DOMException("stopped", "AbortError"));
  await assert.rejects(failing(request, stop), /^AbortError: stopped/);
});

Deno.test("a paced call takes its turn before it is sent, and tells what it came to", async () => {
  const told: string[] = [];
  const rate = {
    take: (tokens: number) => (told.push(`take ${tokens}`), Promise.resolve()),
    settle: (guess: number, actual: number) => void told.push(`settle ${guess} ${actual}`),
    observe: () => {},
  };
  const send: Call<ChatRequest, ChatReply> = () => (told.push("sent"), Promise.resolve(reply("a")));
  const stop = new AbortController();
  const call = wrapped(send, [paced(rate, stop.signal)]);
  const request = chat("12345678", 100);
  await call(request);
  await call(request);
  const told1 = ["take 102", "sent", "settle 102 30"];
  assert.deepEqual(told, [...told1, "take 22", "sent", "settle 22 30"]);
  stop.abort(new Error("over"));
  await assert.rejects(call(request), /over/);
  assert.equal(told.filter((line) => line === "sent").length, 2);
});

Deno.test("a call that takes far longer than the others is given up by its own prompt's patience", async () => {
  const asked: string[] = [];
  const give: Patience = {
    call: (id, signal, send) => (asked.push(id), send(signal ?? new AbortController().signal)),
    close: () => {},
  };
  const send: Call<ChatRequest, ChatReply> = (_, signal) =>
    Promise.resolve({ ...reply("a"), text: String(signal?.aborted) });
  const { text } = await wrapped(send, [patient(give)])(chat("x", 1));
  assert.deepEqual([asked, text], [["p"], "false"]);
});
