import assert from "node:assert/strict";
import { defaultContext } from "../../../lib/core/context.ts";
import { InputError, ModelError } from "../../../lib/core/errors.ts";
import type { CompletionRequest } from "../../../lib/model/text_model.ts";
import { vllmText } from "../../../lib/model/vllm/vllm_text.ts";
import { type Habits, ScriptedServer } from "./scripted_server.ts";

const context = defaultContext({ log: () => {}, env: () => undefined });

const request: CompletionRequest = {
  id: "p1",
  prompt: "<s>Say it:",
  n: 4,
  maxTokens: 64,
  temperature: 0.7,
  topP: 0.9,
  topK: 0,
  stop: ["</response>"],
  includeStop: true,
  seed: 42,
};

async function withServer<T>(
  habits: Habits,
  use: (server: ScriptedServer) => Promise<T>,
): Promise<T> {
  const server = new ScriptedServer(habits);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

const open = (server: ScriptedServer, bosToken: string | null = "<s>") =>
  vllmText({ name: "m", baseUrls: [`${server.url}/v1/`], context, bosToken });

/** A text that tells its seed. */
const seeded = (_prompt: string, seed: number) => `<response> ${seed} </response> and more`;

const silent: typeof fetch = (_, init) =>
  new Promise((_, reject) => {
    init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason));
  });

Deno.test("a stop of the run ends the wait for a server's first answer", async () => {
  const stop = new AbortController();
  const stopped = { ...context, fetch: silent, signal: stop.signal };
  const opening = vllmText({ name: "m", baseUrls: ["http://h:1"], context: stopped });
  stop.abort(new DOMException("SIGINT", "AbortError"));
  await assert.rejects(opening, { name: "AbortError" });
});

Deno.test("a server that takes the first question and never answers is told, and nobody waits", async () => {
  const { setTimeout } = globalThis;
  // Minutes pass in milliseconds.
  globalThis.setTimeout = ((call: () => void, ms = 0) => setTimeout(call, ms / 1_000)) as never;
  try {
    await assert.rejects(
      vllmText({ name: "m", baseUrls: ["http://h:1"], context: { ...context, fetch: silent } }),
      (error) =>
        error instanceof InputError &&
        /h:1\/v1\/models: no answer within 120 s/.test(error.message),
    );
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

Deno.test("every sampling parameter is sent, and no special tokens are asked for", async () => {
  await withServer({}, async (server) => {
    const model = await open(server);
    await model.complete(request);
    await model.close();
    const { seed, prompt, ...body } = server.requests[0]!;
    assert.equal(typeof seed, "number");
    assert.equal(prompt, "<s>Say it:");
    assert.deepEqual(body, {
      model: "m",
      n: 4,
      max_tokens: 64,
      temperature: 0.7,
      top_p: 0.9,
      top_k: -1,
      min_p: 0,
      presence_penalty: 0,
      frequency_penalty: 0,
      repetition_penalty: 1,
      repeat_penalty: 1,
      stop: ["</response>"],
      include_stop_str_in_output: true,
      add_special_tokens: false,
      skip_special_tokens: true,
      spaces_between_special_tokens: false,
      return_token_ids: true,
      stream: false,
    });
  });
});

Deno.test("the replies are the same from servers with n, without n, and with a smaller n", async () => {
  const ways: Habits[] = [
    {},
    { maxN: 1 },
    { maxN: 1, refusesN: true },
    { maxN: 2, refusesN: true },
    {
      maxN: 3,
    },
  ];
  const results = [];
  for (const habits of ways) {
    results.push(
      await withServer({ ...habits, writes: seeded }, async (server) => {
        const model = await open(server);
        const first = await model.complete(request);
        const asked = server.requests.length;
        const second = await model.complete({ ...request, id: "p2" });
        await model.close();
        return { first, second, requests: server.requests.length - asked };
      }),
    );
  }
  const [expected] = results;
  assert.equal(new Set(expected!.first.map(({ text }) => text)).size, 4);
  assert.notDeepEqual(expected!.first, expected!.second);
  for (const { first, second } of results) {
    assert.deepEqual(first.map(({ text }) => text), expected!.first.map(({ text }) => text));
    assert.deepEqual(second.map(({ text }) => text), expected!.second.map(({ text }) => text));
  }
  // What was found out once is not asked again.
  assert.deepEqual(results.map(({ requests }) => requests), [1, 4, 4, 4, 4]);
});

Deno.test("a stop string stays in the text, whatever the server does with it", async () => {
  for (const stops of ["kept", "named", "lost"] as const) {
    await withServer({ stops, writes: seeded }, async (server) => {
      const model = await open(server);
      for (const { text, finishReason } of await model.complete(request)) {
        assert.match(text, /^<response> \d+ <\/response>$/, stops);
        assert.equal(finishReason, "stop");
      }
      await model.close();
    });
  }
});

Deno.test("a text that ended by itself is not given a stop string", async () => {
  for (const stops of ["kept", "named", "lost"] as const) {
    await withServer({ stops, writes: () => "<response> no end" }, async (server) => {
      const model = await open(server);
      const [reply] = await model.complete(request);
      assert.equal(reply!.text, "<response> no end", stops);
      await model.close();
    });
  }
});

Deno.test("there is one BOS, also at servers that always add their own", async () => {
  for (const addsBos of [false, true]) {
    await withServer({ addsBos }, async (server) => {
      const model = await open(server);
      await model.complete(request);
      await model.close();
      assert.deepEqual(server.seen, ["<s>Say it:"]);
    });
  }
});

Deno.test("greedy replies are asked for once and are all the same", async () => {
  await withServer({ writes: seeded }, async (server) => {
    const model = await open(server);
    const replies = await model.complete({ ...request, temperature: 0 });
    await model.close();
    assert.equal(replies.length, 4);
    assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
    assert.deepEqual(server.requests.map(({ n }) => n), [1]);
  });
});

Deno.test("a prompt that does not fit is rejected by its reason", async () => {
  const sayings = [
    "This model's maximum context length is 1024 tokens. However, your prompt contains 1025",
    "the request exceeds the available context size, try increasing it (exceed_context_size_error)",
    "Requested tokens (2050) exceed context window of 2048",
    "The input (9999 tokens) is longer than the model's context length (4096 tokens).",
  ];
  for (const message of sayings) {
    const fails = () => Response.json({ error: { message } }, { status: 400 });
    await withServer({}, async (server) => {
      const model = await open(server);
      await model.complete(request);
      server.habits.fails = fails;
      await assert.rejects(
        model.complete(request),
        (error) => error instanceof ModelError && error.reason === "context_overflow",
        message,
      );
      await model.close();
    });
  }
});

Deno.test("more tokens than the server's context are one clear line, once", async () => {
  await withServer({ maxModelLen: 64 }, async (server) => {
    const model = await open(server);
    await assert.rejects(model.complete(request), (error) => {
      assert.ok(error instanceof ModelError && error.kind === "fatal");
      assert.match(error.message, /64 tokens a reply leave no room .* is 64 tokens/);
      return true;
    });
    await model.close();
  });
});

Deno.test("a wrong name, a wrong port and a wrong kind of server are one line each", async () => {
  await withServer({ model: "other" }, async (server) => {
    await assert.rejects(open(server), new InputError(`model "m": ${server.url} serves "other"`));
  });
  const gone = new ScriptedServer();
  await gone.stop();
  await assert.rejects(open(gone), (error) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.message, `model "m": no server answers at ${gone.url}: connection refused`);
    return true;
  });
  const notOne = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<html>", { status: 404 }),
  );
  const url = `http://127.0.0.1:${notOne.addr.port}`;
  await assert.rejects(vllmText({ name: "m", baseUrls: [url], context }), InputError);
  await assert.rejects(vllmText({ name: "m", baseUrls: [], context }), /a base URL is needed/);
  // A key that no header can carry is refused, and not repeated (38).
  const twoLines = { ...context, env: () => "sk-one\nsk-two" };
  await assert.rejects(vllmText({ name: "m", baseUrls: [url], context: twoLines }), {
    name: "InputError",
    message: "VLLM_API_KEY: holds more than one line, which no key does",
  });
  await assert.rejects(vllmText({ name: "m", baseUrls: ["node1:x"], context }), InputError);
  await notOne.shutdown();
});

Deno.test("a key is taken from VLLM_API_KEY and no other", async () => {
  await withServer({ key: "secret" }, async (server) => {
    const env = (name: string) => name === "VLLM_API_KEY" ? "secret" : undefined;
    const options = { name: "m", baseUrls: [server.url] };
    const model = await vllmText({ ...options, context: { ...context, env } });
    assert.equal((await model.complete(request)).length, 4);
    await model.close();
    const wrong = (name: string) => name === "OPENAI_API_KEY" ? "secret" : undefined;
    await assert.rejects(vllmText({ ...options, context: { ...context, env: wrong } }), InputError);
  });
});

Deno.test("requests in flight go by the slots that a server tells, and by n", async () => {
  await withServer({ totalSlots: 8 }, async (server) => {
    const options = { name: "m", baseUrls: [server.url], context };
    const [one, eight] = [await vllmText(options), await vllmText({ ...options, n: 2 })];
    assert.deepEqual([one.concurrency, eight.concurrency], [10, 5]);
    await one.close();
    await eight.close();
  });
});

Deno.test("of several servers those of another model are left alone, a dead one is asked later", async () => {
  const other = new ScriptedServer({ model: "other" });
  const dead = new ScriptedServer();
  await dead.stop();
  await withServer({}, async (server) => {
    const log: string[] = [];
    const model = await vllmText({
      name: "m",
      baseUrls: [other.url, dead.url, server.url],
      context: { ...context, log: (line) => log.push(line) },
    });
    for (let at = 0; at < 5; at++) await model.complete({ ...request, id: `p${at}` });
    await model.close();
    assert.equal(server.requests.length, 5);
    assert.equal(other.requests.length, 0);
    assert.equal(log.length, 1);
    assert.match(log[0]!, /connection refused: set aside/);
  });
  await other.stop();
});

Deno.test("one of three servers dies in the middle: nothing lost, nothing doubled", async () => {
  const servers = [new ScriptedServer(), new ScriptedServer(), new ScriptedServer()];
  for (const server of servers) server.habits.writes = seeded;
  let left = 20;
  servers[1]!.habits.fails = ({ prompt }) => {
    if (prompt.length === 1 || left-- > 0) return undefined;
    return new Response("", { status: 503 });
  };
  const model = await vllmText({ name: "m", baseUrls: servers.map(({ url }) => url), context });
  const ids = Array.from({ length: 200 }, (_, at) => `p${at}`);
  const texts = await Promise.all(
    ids.map(async (id) =>
      (await model.complete({ ...request, id })).map(({ text }) => text).join()
    ),
  );
  await model.close();
  assert.equal(new Set(texts).size, 200);
  for (const server of servers) await server.stop();
});
