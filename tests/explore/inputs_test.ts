import assert from "node:assert/strict";
import { defaultContext } from "../../lib/core/context.ts";
import { InputError } from "../../lib/core/errors.ts";
import type { TextModel } from "../../lib/model/text_model.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { columnOf } from "../../lib/explore/columns.ts";
import { load, type Loaded } from "../../lib/explore/load.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { promptView, type RunView } from "../../lib/explore/prompt_view.ts";
import { makers } from "../../lib/stages.ts";
import { makeBaseFolder } from "../base_folders.ts";
import { inTemp, put } from "../io/temp.ts";
import { putPlanted } from "./planted.ts";

const lines = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n") + "\n";
const user = (content: string) => [{ role: "user", content }];
const assistant = (content: string) => [{ role: "assistant", content }];

/** What an explorer reads of a file with these rows. */
async function reading(
  content: string,
  test: (loaded: Loaded) => Promise<void>,
  { name = "rows.jsonl", format }: { name?: string; format?: "prompted-think" } = {},
): Promise<void> {
  await inTemp(async (dir) => {
    const path = await put(`${dir}/${name}`, content);
    const loaded = await load({ in: path, format }, defaultContext(), makers);
    await using _ = loaded.store;
    await test(loaded);
  });
}

const numbers = ({ data }: Loaded, name: string) => [...columnOf(data, name)!.data];

Deno.test("TRL's completions are read: a prompt's completions at a step are its replies, rewards by function", () =>
  reading(
    lines([
      {
        step: 5,
        prompt: "2+2?",
        completion: "<think>two</think>4",
        accuracy: 1,
        format: 0.5,
        advantage: 1,
      },
      { step: 5, prompt: "3+3?", completion: "6", accuracy: 1, format: 0, advantage: 0 },
      { step: 5, prompt: "2+2?", completion: "5", accuracy: 0, format: 0, advantage: -1 },
      { step: 6, prompt: "2+2?", completion: "4", accuracy: 1, format: 0.5, advantage: 0 },
    ]),
    async (loaded) => {
      assert.deepEqual([...loaded.data.first], [0, 2, 3, 4]);
      assert.deepEqual(numbers(loaded, "reward"), [1.5, 0, 1, 1.5]);
      assert.deepEqual(numbers(loaded, "score:accuracy"), [1, 0, 1, 1]);
      assert.deepEqual(numbers(loaded, "extra:step"), [5, 5, 6]);
      const view = await promptView(loaded, 0, {});
      const [first] = view!.runs[0]!.replies;
      assert.deepEqual([first!.thought?.text, first!.answer?.text], ["two", "4"]);
      assert.equal(loaded.data.runs[0]!.kind, "dump");
    },
  ));

Deno.test("verl's rollouts are read", () =>
  reading(
    lines([
      { input: "user\n2+2?\nassistant\n", output: "4", gts: "4", score: 1, step: 1, acc: true },
      { input: "user\n2+2?\nassistant\n", output: "5", gts: "4", score: 0, step: 1, acc: false },
    ]),
    (loaded) => {
      assert.deepEqual([...loaded.data.first], [0, 2]);
      assert.deepEqual(numbers(loaded, "reward"), [1, 0]);
      assert.equal(columnOf(loaded.data, "extra:gts")!.names![1], "4");
      return Promise.resolve();
    },
  ));

Deno.test("a preference dataset is read, its pairs being its own", () =>
  reading(
    lines([
      {
        prompt: "q",
        chosen: [...user("q"), ...assistant("good")],
        rejected: [...user("q"), ...assistant("bad")],
        score_chosen: 2,
        score_rejected: 5,
      },
      {
        chosen: [...user("r"), ...assistant("good")],
        rejected: [...user("r"), ...assistant("bad")],
      },
    ]),
    async (loaded) => {
      assert.deepEqual(numbers(loaded, "margin"), [-3, NaN]);
      const { messages, runs } = (await promptView(loaded, 1, {}))!;
      assert.equal(messages[0]!.content.text, "r");
      assert.deepEqual(runs[0]!.replies.map(({ role }) => role), ["chosen", "rejected"]);
    },
  ));

Deno.test("a public script's responses are read with the format that they are said to have", () =>
  reading(
    JSON.stringify([{
      prompt: "q",
      responses: [{ thought: "t", answer: "a", score: 1 }, { thought: "u", answer: "b", score: 2 }],
    }]),
    (loaded) => {
      assert.deepEqual(numbers(loaded, "reward"), [1, 2]);
      return Promise.resolve();
    },
    { name: "responses.json", format: "prompted-think" },
  ));

Deno.test("an input without replies, or that is not there, is refused in a line", async () => {
  await inTemp(async (dir) => {
    const prompts = await put(`${dir}/prompts.jsonl`, lines([{ prompt: "q" }]));
    for (const path of [prompts, `${dir}/none.jsonl`]) {
      await assert.rejects(load({ in: path }, defaultContext(), makers), (error: unknown) => {
        assert.ok(error instanceof InputError && error.message.includes(path), String(error));
        return true;
      });
    }
  });
});

Deno.test("several inputs are told apart by the ends of their paths, and a prompt is the same in each", () =>
  inTemp(async (dir) => {
    const rows = lines([{
      id: "x",
      prompt: user("q"),
      chosen: assistant("a"),
      rejected: assistant("b"),
    }]);
    const paths = await Promise.all(
      ["one", "two"].map((name) => put(`${dir}/${name}/pairs.jsonl`, rows)),
    );
    const loaded = await load({ in: paths }, defaultContext(), makers);
    await using _ = loaded.store;
    assert.deepEqual(loaded.data.runs.map(({ name }) => name), [
      "one/pairs.jsonl",
      "two/pairs.jsonl",
    ]);
    assert.deepEqual([...loaded.data.keys], [0, 0]);
    const view = await promptView(loaded, 1, {});
    assert.deepEqual(view!.runs.map(({ row }) => row), [1, 0]);
  }));

Deno.test("a run is shown with the pairs that its dataset was built of, whatever score they went by", () =>
  inTemp(async (dir) => {
    const run = `${dir}/scored.jsonl`, tokenizer = `${dir}/tokenizer`;
    await putPlanted(run, 60);
    await makeBaseFolder("qwen3", tokenizer);
    for (const options of [{ score: "mean" }, { score: "min", rejectMalformed: true }]) {
      const out = `${dir}/${options.score}`;
      await buildDpo({ in: run, out, tokenizer, ...options }, { context: { progress: "none" } });
      const loaded = await load({ in: [run, out] }, defaultContext(), makers);
      await using _ = loaded.store;
      assert.match(loaded.data.pairing, new RegExp(`by ${options.score} of all, standardized`));
      const by = columnOf(loaded.data, "by")!, reward = columnOf(loaded.data, "reward")!;
      assert.notDeepEqual(by.data, reward.data);
      let pairs = 0;
      for (let row = 0; row < 60; row++) {
        const [scored, built] = (await promptView(loaded, row, {}))!.runs;
        const sides = (of: RunView | undefined) =>
          ["chosen", "rejected"].map((role) => {
            const reply = of?.replies.find((reply) => reply.role === role);
            // A malformed side is written as it was sampled, after what was prefilled.
            const text = reply?.malformed?.text.text ?? reply?.answer?.text;
            return text?.replace(/^<think>/, "").trim();
          });
        if (built === undefined) {
          assert.deepEqual(sides(scored), [undefined, undefined]);
          continue;
        }
        pairs++;
        assert.deepEqual(sides(scored), sides(built));
      }
      assert.ok(pairs > 30);
    }
  }));

Deno.test("of a folder of runs those are left out whose replies another one holds, and the page says so", () =>
  inTemp(async (dir) => {
    const quiet = { progress: "none", log: () => {} } as const;
    const at = (name: string) => `${dir}/${name}`;
    const prompts = await put(at("prompts.jsonl"), lines([{ id: "a", prompt: "2+2?" }]));
    const texts = ["4", "It is 4.", "5", "I do not know."];
    const model: TextModel = {
      name: "scripted",
      version: "1",
      concurrency: 1,
      complete: () =>
        Promise.resolve(texts.map((text) => ({
          text: `<response> ${text} </response>`,
          finishReason: "stop" as const,
          completionTokens: 5,
        }))),
      close: () => Promise.resolve(),
    };
    const policy = { model, render: () => "<response>", templateHash: "" };
    const sampling = { model: "scripted", format: "prompted-nothink", n: 4 } as const;
    await samplePolicy({ prompts, out: at("policy"), ...sampling }, {
      context: quiet,
      model: policy,
    });
    await scoreResponses({ in: at("policy"), out: at("scored"), rewardModel: "embedded" }, {
      context: quiet,
    });
    const tokenizer = at("tokenizer");
    await makeBaseFolder("qwen3", tokenizer);
    await buildDpo({ in: at("scored"), out: at("dpo"), tokenizer }, { context: quiet });
    const loaded = await load({ in: dir }, defaultContext(), makers);
    await using _ = loaded.store;
    const names = loaded.data.runs.map(({ name }) => name);
    assert.deepEqual(names, ["scored"]);
    assert.match(loaded.data.notes.join(), /stand in the others: policy, dpo /);
    // One that is named is shown, whatever holds it.
    const both = await load({ in: ["policy", "scored"].map(at) }, defaultContext(), makers);
    await using _both = both.store;
    assert.equal(both.data.runs.length, 2);
  }));
