import assert from "node:assert/strict";
import { AutoModel } from "@huggingface/transformers";
import { ModelError } from "../../../lib/core/errors.ts";
import type { Answer } from "../../../lib/core/records.ts";
import { EMBEDDED_REWARD } from "../../../lib/model/embedded/paths.ts";
import { localReward } from "../../../lib/model/local/local.ts";
import { loadTokenizer } from "../../../lib/model/local/tokenizer.ts";
import type { RewardModel, ScoringItem } from "../../../lib/model/reward_model.ts";
import { editedModel } from "./model_files.ts";

const item = (query: string, answer: string): ScoringItem => ({
  id: "p",
  prompt: [{ role: "user", content: query }],
  answer: answer as Answer,
});
const items = [
  item("What is the capital of Poland?", "The capital of Poland is Warsaw."),
  item("What is the capital of Poland?", "The capital of Poland is Paris."),
  item("What is 3 + 4?", "7 ".repeat(100)),
  item("世界? ".repeat(30), "👍"),
];
const options = { maxLength: 4096 };

async function withModel<T>(use: (model: RewardModel) => Promise<T>, dir = EMBEDDED_REWARD) {
  const model = await localReward(dir, { name: "test" });
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

Deno.test("a score is the same alone, among others, in any order and at the same time", async () => {
  await withModel(async (model) => {
    const together = await model.score(items, options);
    assert.equal(new Set(together.map(({ score }) => score)).size, items.length);
    const backwards = await model.score([...items].reverse(), options);
    assert.deepEqual(backwards.reverse(), together);
    const apart = await Promise.all(items.map((each) => model.score([each], options)));
    assert.deepEqual(apart.flat(), together);
    const again = await model.score([...items, ...items], options);
    assert.deepEqual(again, [...together, ...together]);
  });
});

Deno.test("scores are those of transformers.js in a padded batch, to 1e-5, with one BOS", async () => {
  const scores = await withModel((model) => model.score(items, options));
  const tokenizer = await loadTokenizer(EMBEDDED_REWARD);
  const rows = items.map(({ prompt, answer }) => {
    const text = `<s>User: <query> ${prompt[0]!.content.trim()} </query>\nAssistant: `;
    return tokenizer.encode(`${text}${answer.trim()}</s>`);
  });
  const model = await AutoModel.from_pretrained(EMBEDDED_REWARD, {
    local_files_only: true,
    dtype: "fp32",
  });
  const { Tensor } = await import("@huggingface/transformers");
  const width = Math.max(...rows.map((row) => row.length)), shape = [rows.length, width];
  const padded = rows.flatMap((row) => [...row, ...new Array(width - row.length).fill(0)]);
  const mask = rows.flatMap((row) => Array.from({ length: width }, (_, i) => +(i < row.length)));
  const { logits } = await model({
    input_ids: new Tensor("int64", BigInt64Array.from(padded, BigInt), shape),
    attention_mask: new Tensor("int64", BigInt64Array.from(mask, BigInt), shape),
  });
  for (const [i, { score }] of scores.entries()) {
    const other: number = logits.data[i], most = 1e-5 * Math.max(1, Math.abs(other));
    assert.ok(Math.abs(score! - other) < most, `${score} and ${other}`);
  }
  await model.dispose();
});

Deno.test("a long answer is cut at its end and says so; a prompt without room is rejected", async () => {
  await withModel(async (model) => {
    const long = item("What is 3 + 4?", "7 ".repeat(100)),
      other = item("What is 3 + 4?", "7 ".repeat(90));
    const [whole] = await model.score([long], options);
    const [cut, cutToo] = await model.score([long, other], { maxLength: 50 });
    assert.deepEqual([whole!.truncated, cut!.truncated], [false, true]);
    assert.notEqual(whole!.score, cut!.score);
    assert.equal(cut!.score, cutToo!.score);
    await assert.rejects(
      model.score([long], { maxLength: 10 }),
      (error) => error instanceof ModelError && error.reason === "context_overflow",
    );
    // The model itself reads 2,048 tokens.
    const [longest] = await model.score([item("Hi", "7 ".repeat(3000))], options);
    assert.equal(longest!.truncated, true);
  });
});

Deno.test("a model that gives NaN is told, not written down", async () => {
  const dir = await editedModel(EMBEDDED_REWARD, (graph) => {
    // Well behind the embeddings stand the layers' matrices: all ones is NaN, in any float type.
    const at = Math.floor(graph.length * 0.75);
    graph.fill(0xff, at, at + 64);
  });
  try {
    await assert.rejects(
      withModel((model) => model.score(items, options), dir),
      (error) => error instanceof ModelError && error.reason === "not_finite",
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("scoring stops at an abort and after closing", async () => {
  const model = await localReward(EMBEDDED_REWARD, { name: "test" });
  const abort = new AbortController();
  const scoring = model.score(items, { ...options, signal: abort.signal });
  abort.abort(new Error("enough"));
  await assert.rejects(scoring, /enough/);
  const unfinished = model.score(items, options);
  const closed = model.close();
  await assert.rejects(unfinished, /closed/);
  await closed;
  await assert.rejects(model.score(items, options), /closed/);
});
