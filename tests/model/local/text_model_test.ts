import assert from "node:assert/strict";
import { ModelError } from "../../../lib/core/errors.ts";
import { EMBEDDED_POLICY } from "../../../lib/model/embedded/paths.ts";
import type { CausalModel, Sequence } from "../../../lib/model/local/causal_model.ts";
import { Engine } from "../../../lib/model/local/engine.ts";
import { Job } from "../../../lib/model/local/job.ts";
import { localText } from "../../../lib/model/local/local.ts";
import type { LocalTextModel } from "../../../lib/model/local/text_model.ts";
import { loadTokenizer } from "../../../lib/model/local/tokenizer.ts";
import { openCausalModel } from "../../../lib/model/local/open_causal_model.ts";
import type { PlainGraph, PlainInput } from "../../../lib/model/local/plain_graph.ts";
import { PlainModel } from "../../../lib/model/local/plain_model.ts";
import { isExact } from "../../../lib/model/local/steps_check.ts";
import type { StepsInput } from "../../../lib/model/local/steps_graph.ts";
import { StepsModel } from "../../../lib/model/local/steps_model.ts";
import type { Completion, CompletionRequest } from "../../../lib/model/text_model.ts";
import { withoutSteps } from "./model_files.ts";

const ask = (query: string) => `<s>User: <query> ${query} </query>\nAssistant: <think>`;
const queries = [
  "What is the capital of Poland?",
  "What is 3 + 4?",
  "Hello! ".repeat(40) + "Who are you?",
  "世界の首都は? 👍",
  "Name the capital of Kenya.",
];
const requests: CompletionRequest[] = queries.map((query, i) => ({
  id: `p${i}`,
  prompt: ask(query),
  n: 4,
  maxTokens: 40,
  temperature: 1.2,
  topP: i % 2 === 0 ? 1 : 0.95,
  topK: i === 4 ? 20 : 0,
  stop: ["</response>"],
  includeStop: true,
  seed: 7,
}));
const first = requests[0]!;

async function withModel<T>(
  use: (model: LocalTextModel) => Promise<T>,
  { slots, dir = EMBEDDED_POLICY }: { slots?: number; dir?: string } = {},
): Promise<T> {
  const model = await localText(dir, { name: "test", slots });
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

const together = (model: LocalTextModel, list = requests) =>
  Promise.all(list.map((request) => model.complete(request)));
const expected = await withModel(together, { slots: 12 });

Deno.test("replies are the same with 1, 8, 16 and 64 slots", async () => {
  for (const slots of [1, 8, 16, 64]) {
    assert.deepEqual(await withModel(together, { slots }), expected, `${slots} slots`);
  }
});

Deno.test("replies are the same in any order of arrival, and alone", async () => {
  await withModel(async (model) => {
    const backwards = await together(model, [...requests].reverse());
    assert.deepEqual(backwards.reverse(), expected);
    for (const [i, request] of requests.entries()) {
      const early = requests.slice(0, 2).map((other) => model.complete({ ...other, n: 2 }));
      assert.deepEqual(await model.complete({ ...request, n: 1 }), expected[i]!.slice(0, 1));
      await Promise.all(early);
    }
  });
});

Deno.test("rows that would not fit in the caches' room wait, and a long one goes alone", async () => {
  const model = await openCausalModel(EMBEDDED_POLICY);
  let most = 0;
  const watched: CausalModel = {
    exact: model.exact,
    bytesPerToken: model.bytesPerToken,
    read: (...prompt) => model.read(...prompt),
    batch: <Each extends Sequence>() => {
      const batch = model.batch<Each>(), step = batch.step.bind(batch);
      batch.step = () => {
        most = Math.max(most, batch.rows.length);
        return step();
      };
      return batch;
    },
    close: () => model.close(),
  };
  const tokenizer = await loadTokenizer(EMBEDDED_POLICY);
  const about = { tokenizer, eosIds: new Set([2]), maxPositions: 2048 };
  const each = new Job(first, about).longest;
  assert.equal(each, tokenizer.encode(first.prompt).length + first.maxTokens);
  for (const [tokens, rows] of [[1, 1], [3 * each, 3], [100 * each, 8]] as const) {
    const engine = new Engine(watched, { slots: 8, tokens });
    most = 0;
    const jobs = [first, first].map((request) => engine.sample(new Job(request, about)));
    for (const replies of await Promise.all(jobs)) assert.deepEqual(replies, expected[0]);
    assert.equal(most, rows);
  }
  await model.close();
});

Deno.test("another seed, id or index draws another reply", async () => {
  const [again, seed, id] = await withModel((model) =>
    together(model, [first, { ...first, seed: 8 }, { ...first, id: "other" }])
  );
  assert.deepEqual(again, expected[0]);
  assert.notDeepEqual(seed, expected[0]);
  assert.notDeepEqual(id, expected[0]);
  assert.ok(new Set(again!.map((reply) => reply.text)).size > 1);
});

Deno.test("any graph of transformers.js's form gives the same replies", async () => {
  const dir = await withoutSteps(EMBEDDED_POLICY);
  try {
    for (const slots of [2, 16]) {
      assert.deepEqual(await withModel(together, { slots, dir }), expected);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("greedy replies are those of reading everything again for each token", async () => {
  const greedy = { ...first, n: 1, temperature: 0, stop: [], maxTokens: 25 };
  await withModel(async (model) => {
    const decoder = await PlainModel.open(EMBEDDED_POLICY);
    const replies = await together(model, requests.map(({ prompt }) => ({ ...greedy, prompt })));
    for (const [i, { prompt }] of requests.entries()) {
      const tokens = model.tokenizer.encode(prompt), start = tokens.length;
      while (tokens.length < start + 25 && tokens.at(-1) !== 2) {
        const { logits } = await decoder.read(tokens);
        tokens.push(logits.indexOf(Math.max(...logits)));
      }
      const reply = replies[i]![0]!;
      assert.equal(reply.text, model.tokenizer.decode(tokens.slice(start)));
      assert.equal(reply.completionTokens, tokens.length - start);
      assert.equal(reply.finishReason, tokens.at(-1) === 2 ? "stop" : "length");
    }
    await decoder.close();
  });
});

const job = { ...first, temperature: 0, n: 2 };

async function sampleFrom(model: CausalModel, request: CompletionRequest, slots: number) {
  const tokenizer = await loadTokenizer(EMBEDDED_POLICY);
  const about = { tokenizer, eosIds: new Set([2]), maxPositions: 2048 };
  return await new Engine(model, { slots }).sample(new Job(request, about));
}

Deno.test("a draw that rounding could change is made again from the row alone", async () => {
  const decoder = await PlainModel.open(EMBEDDED_POLICY);
  // Steps whose best token is hidden behind another by less than rounding may do.
  const graph: PlainGraph = Object.create(decoder.graph, {
    run: {
      value: async (input: PlainInput) => {
        const output = await decoder.graph.run(input);
        if (input.width > 1) return output;
        for (const logits of output.logits) logits[5] = Math.max(...logits) + 1e-5;
        return output;
      },
    },
  });
  const rounded = new PlainModel(graph);
  assert.deepEqual(await sampleFrom(rounded, job, 4), await sampleFrom(decoder, job, 4));
  await decoder.close();
});

Deno.test("a model whose rows depend on the batch is found out, and its close draws made again", async () => {
  const model = await StepsModel.open(EMBEDDED_POLICY);
  assert.equal(model.exact, true);
  assert.equal(await isExact(model), true);
  const run = async (input: StepsInput) => {
    const output = await model.graph.run(input);
    if (input.rows > 1) {
      for (const next of output.next) {
        if ("logits" in next) next.logits[5] = Math.max(...next.logits) + 1e-5;
      }
    }
    return output;
  };
  const { shape, bytesPerToken } = model.graph;
  const rounded = new StepsModel({ shape, bytesPerToken, run, close: () => model.close() });
  assert.equal(await isExact(rounded), false);
  assert.deepEqual(await sampleFrom(rounded, job, 4), await sampleFrom(model, job, 4));
  await model.close();
});

Deno.test("a prompt is read the same after any other, and in any length of cache", async () => {
  const model = await openCausalModel(EMBEDDED_POLICY);
  const tokens = Array.from({ length: 150 }, (_, i) => 20 + (i * 37) % 900);
  for (const length of [1, 63, 64, 65, 128, 129, 150]) {
    const prompt = tokens.slice(0, length);
    const { logits, cache } = await model.read(prompt);
    for (const shared of [0, 40, 64, 128, 150]) {
      const other = [...tokens.slice(0, shared), ...new Array(90).fill(7)];
      const again = await model.read(prompt, await model.read(other));
      assert.deepEqual(again.logits, logits, `${length} tokens after one that shares ${shared}`);
      assert.equal(again.cache.length, cache.length);
    }
  }
  await model.close();
});

Deno.test("a reply ends at EOS, at a stop string or at its token limit, and says which", async () => {
  const greedy = { ...first, n: 1, temperature: 0, maxTokens: 200 };
  await withModel(async (model) => {
    const [[whole]] = await together(model, [greedy]) as [[Completion]];
    assert.match(whole.text, /^ .* <\/think>\n<response> .* <\/response>$/);
    assert.equal(whole.finishReason, "stop");
    // Three characters from the middle of a token.
    const word = /[a-z]{6}/.exec(whole.text)![0], middle = word.slice(2, 5);
    const [cut, included, inToken, atOnce, limit, eos] = await together(model, [
      { ...greedy, includeStop: false },
      { ...greedy, stop: ["</think>"] },
      { ...greedy, stop: [middle], includeStop: false },
      { ...greedy, stop: [word, whole.text.slice(0, 3)], includeStop: false },
      { ...greedy, maxTokens: 3 },
      { ...greedy, stop: ["</s>"] },
    ]);
    assert.equal(cut![0]!.text + "</response>", whole.text);
    assert.equal(cut![0]!.completionTokens, whole.completionTokens);
    assert.equal(included![0]!.text, whole.text.split("\n")[0]);
    assert.equal(inToken![0]!.text, whole.text.slice(0, whole.text.indexOf(middle)));
    assert.deepEqual([atOnce![0]!.text, atOnce![0]!.finishReason], ["", "stop"]);
    const { text, finishReason, completionTokens } = limit![0]!;
    assert.deepEqual([finishReason, completionTokens], ["length", 3]);
    assert.ok(whole.text.startsWith(text) && text !== "");
    assert.ok(!eos![0]!.text.includes("</s>"));
  });
});

Deno.test("a prompt without room for a reply is rejected, one with little room is cut", async () => {
  const length = (reply: { completionTokens: number }[]) => reply[0]!.completionTokens;
  await withModel(async (model) => {
    const prompt = (tokens: number) => "<s>" + " a".repeat(tokens - 1);
    assert.equal(model.tokenizer.encode(prompt(3000)).length, 3000);
    const long = { ...first, n: 1, temperature: 0, stop: [], maxTokens: 100 };
    await assert.rejects(
      model.complete({ ...long, prompt: prompt(2048) }),
      (error) => error instanceof ModelError && error.reason === "context_overflow",
    );
    const reply = await model.complete({ ...long, prompt: prompt(2045) });
    assert.ok(length(reply) <= 3);
    if (length(reply) === 3) assert.equal(reply[0]!.finishReason, "length");
  });
});

Deno.test("an aborted request ends at once and leaves the others as they are", async () => {
  await withModel(async (model) => {
    const abort = new AbortController();
    const endless = { ...first, n: 8, stop: [], maxTokens: 1900, temperature: 2 };
    const dropped = model.complete({ ...endless, signal: abort.signal });
    const kept = together(model);
    await model.complete({ ...first, n: 1, maxTokens: 1 });
    const tokens = model.counts.tokens;
    abort.abort(new Error("enough"));
    await assert.rejects(dropped, /enough/);
    assert.deepEqual(await kept, expected);
    const asked = requests.length * 4 * 40;
    assert.ok(model.counts.tokens - tokens <= asked + 8, "the dropped rows went on");
    await assert.rejects(model.complete({ ...first, signal: AbortSignal.abort() }));
  }, { slots: 64 });
});

Deno.test("closing fails what is unfinished and frees the model's memory", async () => {
  const model = await localText(EMBEDDED_POLICY, { name: "test" });
  const unfinished = model.complete({ ...first, stop: [], maxTokens: 1000 });
  const closed = model.close();
  await assert.rejects(unfinished, /closed/);
  await closed;
  await assert.rejects(model.complete(first), /closed/);

  const openAndClose = async (times: number) => {
    for (let i = 0; i < times; i++) await (await PlainModel.open(EMBEDDED_POLICY)).close();
    return Deno.memoryUsage().rss;
  };
  let before = await openAndClose(5), left = Infinity;
  // What is kept is kept every time; a round in which garbage is not collected yet is none.
  for (let round = 0; round < 3 && left >= 40 * 2 ** 20; round++) {
    const after = await openAndClose(30);
    [left, before] = [Math.min(left, after - before), after];
  }
  assert.ok(left < 40 * 2 ** 20, `${left / 2 ** 20} MiB are left`);
});
