import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../../lib/core/context.ts";
import { InputError } from "../../../lib/core/errors.ts";
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

const teiRoutes = (squash: (body: Json) => boolean): Record<string, Route> => ({
  "/info": () => ({
    model_id: "/data/rm",
    model_type: { classifier: {} },
    max_input_length: 512,
    max_client_batch_size: 4,
  }),
  "/predict": (body) => {
    const inputs = body.inputs as string[][];
    if (inputs.length > 4) return new Response("batch size", { status: 413 });
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
    "/tokenize": () => ({ tokens: Array.from({ length: 900 }, (_, at) => at) }),
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
  const embedder = serve({ "/info": () => ({ model_id: "rm", model_type: { embedding: {} } }) });
  await assert.rejects(teiReward({ ...base, baseUrls: [embedder.url] }), line(/no classifier/));
  const other = serve(sglangRoutes(raw));
  await assert.rejects(
    sglangReward({ ...base, name: "x", baseUrls: [other.url] }),
    line(/serves "org\/rm"/),
  );
  for (const server of [labels, generator, embedder, other]) await server.stop();
  await assert.rejects(
    teiReward({ ...base, baseUrls: [other.url] }),
    line(/no server answers at .*connection refused/),
  );
  await assert.rejects(
    vllmReward({ ...base, tokenizer: join(FOLDER, "onnx"), baseUrls: [other.url] }),
    InputError,
  );
});
