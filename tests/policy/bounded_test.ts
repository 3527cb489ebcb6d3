import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError, RunError } from "../../lib/core/errors.ts";
import { policyBound } from "../../lib/model/call/request_bound.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { type Habits, ScriptedServer } from "../model/vllm/scripted_server.ts";
import { quickTime } from "../quick_time.ts";

/** Samples prompts from a server with habits; what came of it. */
async function sampled(prompts: number, habits: Habits) {
  const out = await Deno.makeTempDir();
  const server = new ScriptedServer(habits);
  const context = quickTime(50);
  try {
    const file = join(out, "prompts.jsonl");
    const rows = Array.from({ length: prompts }, (_, at) => ({ prompt: `Question ${at}?` }));
    await Deno.writeTextFile(file, rows.map((row) => JSON.stringify(row)).join("\n"));
    const run = samplePolicy({
      prompts: file,
      model: "vllm/m",
      tokenizer: "lib/embedded/reward",
      format: "prompted-nothink",
      out: join(out, "run"),
      n: 2,
      maxTokens: 16,
      baseUrl: [server.url],
    }, { context });
    const end = await run.catch((error) => error);
    return { end, requests: server.requests, lines: context.lines, url: server.url };
  } finally {
    await server.stop();
    await Deno.remove(out, { recursive: true });
  }
}

Deno.test("a server that sends JSON where a stream was asked ends the run, and is quoted", async () => {
  const json = { choices: [{ index: 0, text: "hello", finish_reason: "stop" }] };
  const { end, requests, lines } = await sampled(300, {
    stops: "lost",
    fails: ({ stream }) => stream ? Response.json(json) : undefined,
  });
  assert.ok(end instanceof RunError, String(end));
  assert.match(end.message, /a stream of events was asked for, and application\/json came/);
  assert.ok(requests.length <= 300 * 2 + 40, `${requests.length} requests`);
  assert.ok(!lines.some((line) => line.includes("set aside")), lines.join("\n"));
});

for (const status of [502, 503, 504]) {
  Deno.test(`a server that answers ${status} to everything is asked a bounded number of times`, async () => {
    const prompts = 40;
    const { end, requests } = await sampled(prompts, {
      fails: ({ prompt }) =>
        prompt.length > 1
          ? new Response("<html><title>Bad Gateway</title>", { status })
          : undefined,
    });
    assert.ok(end instanceof RunError, String(end));
    assert.match(end.message, new RegExp(`${status} a web page, "Bad Gateway"|has answered`));
    assert.ok(requests.length <= prompts * policyBound(2), `${requests.length} requests`);
    assert.ok(requests.length < 3 * prompts, `${requests.length} requests`);
  });
}

Deno.test("streams that end at their stop string leave the server in use", async () => {
  const { end, requests, lines } = await sampled(30, {
    stops: "lost",
    writes: () => " <response> hello </response> and on and on",
  });
  assert.ok(!(end instanceof Error), String(end));
  assert.equal(requests.length, 60);
  assert.deepEqual(lines.filter((line) => line.includes("set aside")), []);
});

Deno.test("a body without an end is given up, and the run goes on to its end", async () => {
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1 << 16).fill(32)),
      }),
      { headers: { "content-type": "application/json" } },
    );
  let bad = 0;
  const { end } = await sampled(10, {
    fails: ({ prompt }) => prompt.length > 1 && bad++ < 5 ? endless() : undefined,
  });
  assert.ok(!(end instanceof Error), String(end));
  assert.equal(end.manifest.counts.kept, 10);
});

Deno.test("an address that is none, or that holds a secret, is one line and exit status 2", async () => {
  const at = (baseUrl: string) =>
    samplePolicy({
      prompts: "lib/embedded/prompts.jsonl",
      model: "vllm/m",
      tokenizer: "lib/embedded/reward",
      format: "chat",
      out: "/nowhere/at/all",
      baseUrl: [baseUrl],
    }, { context: quickTime(1) });
  const line = (rule: RegExp) => (error: unknown) =>
    error instanceof InputError && rule.test(error.message) && !error.message.includes("secret");
  await assert.rejects(at("foo"), line(/base URL "foo": not a URL/));
  await assert.rejects(at("http://me:secret@host/v1"), line(/a name or a password/));
  await assert.rejects(at("http://host/v1?key=secret"), line(/a query or a fragment/));
});
