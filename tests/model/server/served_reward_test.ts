import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../../lib/core/context.ts";
import { InputError, ModelError } from "../../../lib/core/errors.ts";
import { Answer } from "../../../lib/core/records.ts";
import type { RewardModel, ScoringItem } from "../../../lib/model/reward_model.ts";
import { sglangReward } from "../../../lib/model/sglang/sglang_reward.ts";
import { teiReward } from "../../../lib/model/tei/tei_reward.ts";
import { vllmReward } from "../../../lib/model/vllm/vllm_reward.ts";

// Its tokenizer adds a BOS to every text, and its chat template writes one: the trap of two.
const FOLDER = "lib/embedded/reward";
const BOS = "<s>";

type Json = Record<string, unknown>;
type Route = (body: Json) => unknown;

/** A reward server: its routes, and the bodies that they got. */
function serve(routes: Record<string, Route>) {
  const bodies: Json[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const body = request.method === "POST" ? await request.json() as Json : {};
      if (request.method === "POST") bodies.push(body);
      const answer = routes[pathname]?.(body);
      if (answer instanceof Response) return answer;
      return answer ? Response.json(answer) : new Response("not found", { status: 404 });
    },
  );
  return { url: `http://127.0.0.1:${server.addr.port}`, bodies, stop: () => server.shutdown() };
}

/** A raw score that differs from text to text. */
const raw = (text: unknown) => JSON.stringify(text).length / 7 - 20;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const vllmRoutes = (squash: (body: Json) => boolean): Record<string, Route> => ({
  "/v1/models": () => ({ data: [{ id: "rm", max_model_len: 512 }] }),
  "/classify": (body) => {
    const inputs = (body.input ?? [body.messages]) as unknown[];
    const data = inputs.map((input, index) => ({
      index,
      probs: [squash(body) ? sigmoid(raw(input)) : raw(input)],
    }));
    return { data: data.reverse() };
  },
});

/** What a TEI of `labels` labels says at `/info`: `Info` and `ModelType` of its router/src/lib.rs. */
const teiInfo = (labels: number) => {
  const names = Array.from({ length: labels }, (_, at) => `LABEL_${at}`);
  const model = {
    id2label: Object.fromEntries(names.map((name, at) => [`${at}`, name])),
    label2id: Object.fromEntries(names.map((name, at) => [name, at])),
  };
  return {
    model_id: "/data/rm",
    model_sha: null,
    model_dtype: "float16",
    served_model_name: "/data/rm",
    model_type: labels === 0
      ? { embedding: { pooling: "cls" } }
      : labels === 1
      ? { reranker: model }
      : { classifier: model },
    max_concurrent_requests: 512,
    max_input_length: 512,
    max_batch_tokens: 16_384,
    max_batch_requests: null,
    max_client_batch_size: 4,
    auto_truncate: false,
    tokenization_workers: 4,
    version: "1.9.0",
    sha: null,
    docker_label: null,
  };
};

const teiError = (status: number, error: string, error_type: string) =>
  Response.json({ error, error_type }, { status });

const teiRoutes = (squash: (body: Json) => boolean): Record<string, Route> => ({
  "/info": () => teiInfo(1),
  "/predict": (body) => {
    const inputs = body.inputs as string[][];
    if (inputs.length > 4) {
      const rule = `batch size ${inputs.length} > maximum allowed batch size 4`;
      return teiError(422, rule, "Validation");
    }
    return inputs.map((texts) => [{
      score: squash(body) ? sigmoid(raw(texts[0])) : raw(texts[0]),
      label: "LABEL_0",
    }]);
  },
});

const sglangRoutes = (score: (text: unknown) => number): Record<string, Route> => ({
  "/get_model_info": () => ({ model_path: "org/rm" }),
  "/classify": (body) => (body.text as string[]).map((text) => ({ embedding: [score(text)] })),
});

const log: string[] = [];
const context = defaultContext({ log: (line) => log.push(line), env: () => undefined });

const items: ScoringItem[] = Array.from({ length: 10 }, (_, at) => ({
  id: "p",
  prompt: [{ role: "user", content: `Question ${at}?` }],
  answer: Answer.parse("word ".repeat(at + 1)),
}));
const long: ScoringItem = { ...items[0]!, answer: Answer.parse("word ".repeat(700)) };

async function scores(model: RewardModel, of = items, maxLength = 4096) {
  try {
    return await model.score(of, { maxLength });
  } finally {
    await model.close();
  }
}

Deno.test("vLLM is asked for raw scores, with one BOS, and its order does not matter", async () => {
  const server = serve(vllmRoutes((body) => body.use_activation !== false));
  const options = { name: "rm", baseUrls: [server.url], context };
  const found = await scores(await vllmReward({ ...options, tokenizer: FOLDER }));
  const { input, use_activation, add_special_tokens, model } = server.bodies.at(-1)!;
  const texts = input as string[];
  assert.deepEqual([use_activation, add_special_tokens, model], [false, false, "rm"]);
  assert.ok(texts.every((text) => text.split(BOS).length === 2 && text.startsWith(BOS)));
  assert.deepEqual(found.map(({ score }) => score), texts.map(raw));
  await server.stop();
});

Deno.test("vLLM renders by its own template where no folder is given", async () => {
  const server = serve({
    ...vllmRoutes((body) => body.use_activation !== false),
    "/tokenize": (body) => ({
      tokens: Array.from({ length: body.add_generation_prompt ? 20 : 900 }, (_, at) => at),
    }),
  });
  const model = await vllmReward({ name: "rm", baseUrls: [server.url], context });
  log.length = 0;
  const found = await scores(model, [items[0]!, long]);
  assert.deepEqual(found.map(({ truncated }) => truncated), [false, true]);
  const [chat, tokens] = ["messages", "input"].map((key) =>
    server.bodies.findLast((body) =>
      key in body && !("tokens" in body) && "use_activation" in body
    )!
  );
  assert.equal((chat!.messages as unknown[]).length, 2);
  assert.equal(chat!.add_generation_prompt, false);
  assert.equal((tokens!.input as number[][])[0]!.length, 512);
  assert.match(log.join(), /context is 512 tokens: answers are cut there/);
  await server.stop();
});

Deno.test("TEI gets each text in a list of its own, few at a time, without a second BOS", async () => {
  const server = serve(teiRoutes((body) => body.raw_scores !== true));
  const options = { name: "rm", tokenizer: FOLDER, baseUrls: [server.url], context };
  const found = await scores(await teiReward(options));
  const sent = server.bodies.slice(-3).flatMap(({ inputs }) => inputs as string[][]);
  assert.equal(sent.length, 10);
  assert.ok(sent.every((texts) => texts.length === 1 && !texts[0]!.includes(BOS)));
  assert.deepEqual(
    found.map(({ score }) => score).toSorted(),
    sent.map(([text]) => raw(text)).toSorted(),
  );
  await server.stop();
});

Deno.test("SGLang is asked by its raw route, without a second BOS", async () => {
  const server = serve(sglangRoutes(raw));
  const options = { name: "rm", tokenizer: FOLDER, baseUrls: [server.url], context };
  const found = await scores(await sglangReward(options));
  const texts = server.bodies.at(-1)!.text as string[];
  assert.ok(texts.every((text) => !text.includes(BOS)));
  assert.deepEqual(found.map(({ score }) => score), texts.map(raw));
  await server.stop();
});

Deno.test("a text over the length keeps its first tokens, and is counted", async () => {
  const server = serve(vllmRoutes((body) => body.use_activation !== false));
  const options = { name: "rm", tokenizer: FOLDER, baseUrls: [server.url], context };
  const found = await scores(await vllmReward(options), [items[0]!, long], 100);
  assert.deepEqual(found.map(({ truncated }) => truncated), [false, true]);
  const cut = server.bodies.map(({ input }) => input as unknown[]).find((input) =>
    Array.isArray(input?.[0])
  ) as number[][];
  assert.equal(cut[0]!.length, 100);
  await server.stop();
});

Deno.test("a server that squashes its scores is refused, whichever way it does", async () => {
  const servers = {
    vllm: serve(vllmRoutes(() => true)),
    tei: serve(teiRoutes(() => true)),
    sglang: serve(sglangRoutes(() => 1)),
  };
  const at = ({ url }: { url: string }) => ({
    name: "rm",
    tokenizer: FOLDER,
    baseUrls: [url],
    context,
  });
  await assert.rejects(vllmReward(at(servers.vllm)), squashes);
  await assert.rejects(teiReward(at(servers.tei)), squashes);
  await assert.rejects(sglangReward(at(servers.sglang)), /every score is 1, a softmax/);
  for (const server of Object.values(servers)) await server.stop();

  const doubtful = serve(sglangRoutes((text) => sigmoid(raw(text))));
  log.length = 0;
  await (await sglangReward(at(doubtful))).close();
  assert.match(log.join(), /the server may squash them/);
  await doubtful.stop();
});

const squashes = (error: unknown) =>
  error instanceof InputError && /the server squashes them \(sigmoid\)/.test(error.message);

Deno.test("several labels, another model, no server and no classifier are one line each", async () => {
  const labels = serve({
    ...vllmRoutes(() => false),
    "/classify": ({ input }) => ({
      data: (input as string[]).map((_, index) => ({ index, probs: [0.2, 0.8] })),
    }),
  });
  const base = { name: "rm", tokenizer: FOLDER, context };
  const line = (rule: RegExp) => (error: unknown) =>
    error instanceof InputError && rule.test(error.message);
  await assert.rejects(vllmReward({ ...base, baseUrls: [labels.url] }), line(/gives 2 numbers/));
  const generator = serve({ "/v1/models": vllmRoutes(() => false)["/v1/models"]! });
  await assert.rejects(
    vllmReward({ ...base, baseUrls: [generator.url] }),
    line(/--runner pooling --convert classify/),
  );
  const embedder = serve({ "/info": () => teiInfo(0) });
  await assert.rejects(teiReward({ ...base, baseUrls: [embedder.url] }), line(/no classifier/));
  const classes = serve({ ...teiRoutes(() => false), "/info": () => teiInfo(3) });
  await assert.rejects(teiReward({ ...base, baseUrls: [classes.url] }), line(/has 3 labels/));
  const other = serve(sglangRoutes(raw));
  await assert.rejects(
    sglangReward({ ...base, name: "x", baseUrls: [other.url] }),
    line(/serves "org\/rm"/),
  );
  for (const server of [labels, generator, embedder, classes, other]) await server.stop();
  await assert.rejects(
    teiReward({ ...base, baseUrls: [other.url] }),
    line(/no server answers at .*connection refused/),
  );
  await assert.rejects(
    vllmReward({ ...base, tokenizer: join(FOLDER, "onnx"), baseUrls: [other.url] }),
    InputError,
  );
});

const KINDS = {
  vllm: () => serve(vllmRoutes((body) => body.use_activation !== false)),
  tei: () => serve(teiRoutes((body) => body.raw_scores !== true)),
  sglang: () => serve(sglangRoutes(raw)),
};
const opened = { vllm: vllmReward, tei: teiReward, sglang: sglangReward };

for (const kind of ["vllm", "tei", "sglang"] as const) {
  Deno.test(`${kind}: a prompt that leaves no room for an answer is never scored`, async () => {
    const server = KINDS[kind]();
    const prompt = [{ role: "user" as const, content: "word ".repeat(300) }];
    const full = ["good", "bad", "ugly"].map((answer) => ({
      id: "p",
      prompt,
      answer: Answer.parse(answer),
    }));
    const options = { name: "rm", tokenizer: FOLDER, baseUrls: [server.url], context };
    const before = server.bodies.length;
    await assert.rejects(
      scores(await opened[kind](options), full, 100),
      (error) =>
        error instanceof ModelError && error.kind === "reject" &&
        error.reason === "context_overflow",
    );
    assert.ok(!JSON.stringify(server.bodies.slice(before)).includes("word word"));
    await server.stop();
  });

  Deno.test(`${kind}: answers that are equal as far as they are read get one score`, async () => {
    const server = KINDS[kind]();
    const alike = ["x", "y", "z"].map((end) => ({
      ...items[0]!,
      answer: Answer.parse("word ".repeat(700) + end),
    }));
    const options = { name: "rm", tokenizer: FOLDER, baseUrls: [server.url], context };
    const model = await opened[kind](options);
    const before = server.bodies.length;
    const found = await scores(model, [...alike, items[1]!], 200);
    assert.deepEqual(found.map(({ truncated }) => truncated), [true, true, true, false]);
    assert.equal(new Set(found.slice(0, 3).map(({ score }) => score)).size, 1);
    const sent = server.bodies.slice(before).map(({ input, inputs, text }) =>
      (input ?? inputs ?? text) as unknown[]
    );
    assert.equal(sent.flat().length, 2);
    await server.stop();
  });
}

Deno.test("an odd answer of a reward server is a failure that may pass, never a ZodError", async () => {
  const server = serve({
    ...vllmRoutes((body) => body.use_activation !== false),
    "/tokenize": () => ({ count: 3 }),
  });
  const model = await vllmReward({ name: "rm", baseUrls: [server.url], context });
  await assert.rejects(
    scores(model, [long]),
    (error) =>
      error instanceof ModelError && error.kind === "retry" &&
      /not a list of tokens/.test(error.message),
  );
  await server.stop();
});

Deno.test("TEI's own failures are told apart: its backend's may pass, a long text is rejected", async () => {
  let answer = () => teiError(424, "score is NaN", "Backend");
  let failing = false;
  const routes = teiRoutes((body) => body.raw_scores !== true);
  const server = serve({
    ...routes,
    "/predict": (body) => failing ? answer() : routes["/predict"]!(body),
  });
  const options = { name: "rm", tokenizer: FOLDER, baseUrls: [server.url], context };
  const model = await teiReward(options);
  failing = true;
  await assert.rejects(model.score(items, { maxLength: 99 }), { kind: "retry" });
  answer = () => teiError(422, "`inputs` must have less than 512 tokens. Given: 600", "Validation");
  await assert.rejects(model.score(items, { maxLength: 99 }), { reason: "context_overflow" });
  await model.close();
  await server.stop();
});
