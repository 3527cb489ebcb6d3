import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/core/errors.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import type { Stage } from "../../lib/run/define_stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { inFolder } from "../cli.ts";
import { scoredRecord } from "../dataset/records.ts";

const context = { log: () => {} };

/** A call as a cell of a notebook makes it: nothing checks its types. */
async function refusal(stage: unknown, options: unknown, model: unknown): Promise<string> {
  const call = stage as Stage<unknown, unknown, unknown>;
  const error = await call(options, { context, model }).then(() => null, (thrown) => thrown);
  assert.ok(error instanceof InputError, `${error}`);
  return error.message;
}

Deno.test("a model that a call brings is refused at once where it lacks what its stage needs", () =>
  inFolder(async (folder) => {
    const prompts = join(folder, "prompts.jsonl"), out = join(folder, "out");
    await Deno.writeTextFile(prompts, '{"id":"a","prompt":"Hello?"}\n');
    const score = () => Promise.resolve([]), name = "mine";
    const has = "(a RewardModel has name, concurrency, score)";
    const scored = { in: prompts, rewardModel: "mine", format: "chat", out };
    for (
      const [model, message] of [
        [score, `model: must be an object ${has}`],
        [{ name, score }, `model.concurrency: must be a number ${has}`],
        [{ name, score, concurrency: 0 }, `model.concurrency: must be more than 0 ${has}`],
        [{ name, concurrency: 1 }, `model.score: must be a function ${has}`],
        [[{ score, concurrency: 1 }], `model.name: must be text ${has}`],
      ] as const
    ) assert.equal(await refusal(scoreResponses, scored, model), message);
    const policy = { prompts, model: "mine", format: "chat", out };
    assert.equal(
      await refusal(samplePolicy, policy, { name, concurrency: 1, complete: score }),
      "model.model: must be an object (a Policy has model, render, templateHash)",
    );
    assert.match(
      await refusal(sampleTeacher, { prompts, model: "mine", out }, { name, concurrency: 1 }),
      /^model\.reply: must be a function/,
    );
  }));

Deno.test("a reward that gives more or fewer scores than answers ends no prompt with another's score", () =>
  inFolder(async (folder) => {
    const { reward_model: _, ...record } = scoredRecord("a", [1, 2, 3]);
    const responses = record.responses.map(({ score: _, ...own }) => own);
    await Deno.writeTextFile(join(folder, "in.jsonl"), JSON.stringify({ ...record, responses }));
    for (const count of [2, 4]) {
      const model = {
        ...{ name: "mine", version: "1", concurrency: 1, close: () => Promise.resolve() },
        score: () => Promise.resolve(Array(count).fill({ score: 1, truncated: false })),
      };
      const options = { in: join(folder, "in.jsonl"), rewardModel: "mine" };
      const out = join(folder, `out-${count}`);
      await assert.rejects(
        scoreResponses({ ...options, out }, { context, model }),
        new RegExp(`mine: gave ${count} scores for 3 answers`),
      );
    }
  }));
