import assert from "node:assert/strict";
import type { Answer } from "../../../lib/core/answer.ts";
import { ModelError } from "../../../lib/core/errors.ts";
import { openRewardModel } from "../../../lib/model/open.ts";
import { ruleReward } from "../../../lib/model/rule/rule_reward.ts";
import { ScoringWorker } from "../../../lib/model/worker/scoring_worker.ts";
import { defaultContext } from "../../../lib/core/context.ts";

const item = (answer: string, extra?: Record<string, unknown>, id = "a") => ({
  id,
  prompt: [],
  answer: answer as Answer,
  ...(extra ? { extra } : {}),
});
const options = { maxLength: 10 };

Deno.test("a rule is a reward model: 1, 0, and 0 with the reason where nothing could be read", async () => {
  const model = ruleReward("number", { labelKey: "answer" });
  try {
    const extra = { answer: "12" };
    const scores = await model.score(["12", "13", "a dozen"].map((a) => item(a, extra)), options);
    assert.deepEqual(scores, [
      { score: 1, truncated: false },
      { score: 0, truncated: false },
      { score: 0, unread: "no number in the answer", truncated: false },
    ]);
    await assert.rejects(
      model.score([item("12", { other: 1 })], options),
      (error: ModelError) =>
        error.kind === "reject" && error.reason === "no_label" &&
        /column answer: name another with --label-key/.test(error.message),
    );
  } finally {
    await model.close();
  }
});

Deno.test("rule/ifeval finds its label in the public data's two columns", async () => {
  const model = ruleReward("ifeval", { labelKey: undefined });
  try {
    const extra = { instruction_id_list: ["punctuation:no_comma"], kwargs: [{}] };
    const [yes, no] = await model.score([item("none", extra), item("a, b", extra)], options);
    assert.deepEqual([yes!.score, no!.score], [1, 0]);
  } finally {
    await model.close();
  }
});

Deno.test("a rule that is none, and a rule without a label, are told with the way out", async () => {
  const open = (rewardModel: string, labelKey?: string) =>
    openRewardModel({ rewardModel, labelKey, baseUrl: [] }, defaultContext());
  await assert.rejects(open("rule/exakt", "expected"), /rules are exact.*did you mean exact/);
  await assert.rejects(open("rule/exact"), /--label-key COLUMN is needed/);
});

/** A worker that scores an answer by its length, and never ends with the answer "hang". */
const hanging = () =>
  new ScoringWorker({
    name: "test",
    itemMs: 2_000,
    lateScore: 0,
    spawn: () => {
      const code = `onmessage = ({ data }) => {
        for (const { answer } of data.items) {
          while (answer === "hang");
          if (answer === "throw") postMessage({ failed: "Error: thrown" });
          else postMessage({ scored: { score: answer.length } });
        }
      };
      postMessage({ ready: {} });`;
      return new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
    },
  });

Deno.test("an answer that a worker hangs at is unread, and those beside and behind it are scored", async () => {
  const worker = hanging();
  try {
    const first = worker.score([item("abc"), item("hang"), item("ab")], options);
    const second = worker.score([item("a")], options);
    assert.deepEqual(await first, [
      { score: 3 },
      { score: 0, unread: "took longer than 2 s" },
      { score: 2 },
    ]);
    assert.deepEqual(await second, [{ score: 1 }]);
  } finally {
    worker.close();
  }
});

Deno.test("a stop ends what a worker hangs at, and the next is scored; what throws is a reject", async () => {
  const worker = hanging();
  try {
    const stop = new AbortController();
    const stopped = worker.score([item("hang")], { ...options, signal: stop.signal });
    const behind = worker.score([item("abcd")], options);
    await worker.ready();
    stop.abort(new Error("stopped by hand"));
    await assert.rejects(stopped, /stopped by hand/);
    assert.deepEqual(await behind, [{ score: 4 }]);
    await assert.rejects(
      worker.score([item("throw")], options),
      (error: ModelError) => error.kind === "reject" && /test: Error: thrown/.test(error.message),
    );
    assert.deepEqual(await worker.score([item("x")], options), [{ score: 1 }]);
  } finally {
    worker.close();
  }
});
