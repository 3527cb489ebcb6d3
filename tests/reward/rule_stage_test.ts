import assert from "node:assert/strict";
import { readScoredRecords } from "../../lib/io/records/read_records.ts";
import { readRejectsFile } from "../../lib/io/records/read_rejects.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { all, inTemp, put } from "../io/temp.ts";
import { chatReply } from "../chat_reply.ts";

const record = (id: string, extra: Record<string, unknown>, ...texts: string[]) => ({
  id,
  source: "made",
  prompt: [{ role: "user", content: `What is ${id}?` }],
  format: "chat",
  model: "m",
  responses: texts.map(chatReply),
  ...extra,
});

Deno.test("rule/NAME scores by a kept column or one of the rows; unread is counted and told", () =>
  inTemp(async (dir) => {
    const path = await put(
      `${dir}/replies.jsonl`,
      [
        record("kept", { extra: { answer: 4 } }, "4", "5", "four"),
        record("own", { answer: "7" }, "It is 7.", "8"),
        record("bare", {}, "1"),
      ].map((row) => JSON.stringify(row)).join("\n"),
    );
    const said: string[] = [];
    const options = { in: path, rewardModel: "rule/number", labelKey: "answer", out: `${dir}/out` };
    const context = { log: (line: string) => said.push(line), progress: "plain" as const };
    const { manifest } = await scoreResponses(options, { context });
    const [kept, own] = await all(readScoredRecords(`${dir}/out`));
    assert.deepEqual(kept!.responses.map(({ score }) => score), [1, 0, 0]);
    assert.deepEqual(kept!.responses[2]!.unread, { "rule/number": "no number in the answer" });
    assert.deepEqual(own!.responses.map(({ score }) => score), [1, 0]);
    assert.equal(own!.extra?.answer, "7");
    const rejects = await all(readRejectsFile(`${dir}/out/rejects/part-00000-of-00001.jsonl`));
    assert.deepEqual(rejects.map(({ id, reason }) => [id, reason]), [["bare", "no_label"]]);
    assert.equal(manifest.extra?.unread_answers, 1);
    assert.ok(said.some((line) => line.includes("1 of 5 answers unread by the reward (20%)")));
    const again = await scoreResponses({ ...options, maxLength: 9 }, { context });
    assert.equal(again.worked, 0, "a rule reads no tokens: another length is the same run");
    await assert.rejects(
      scoreResponses({ ...options, labelKey: "anser", out: `${dir}/other` }, { context }),
      /no row has the column anser \(--keep, --label-key\); .*answer/,
    );
  }));

Deno.test("a mean behind a gate is each reply's score, and every part is kept by name", () =>
  inTemp(async (dir) => {
    const path = await put(
      `${dir}/replies.jsonl`,
      JSON.stringify(record("a", { extra: { answer: 4 } }, "4", "5")),
    );
    const { manifest } = await scoreResponses({
      in: path,
      rewardModel: ["rule/number", "rule/json"],
      labelKey: "answer",
      gate: ["rule/number"],
      gatedScore: -2,
      out: `${dir}/out`,
    }, { context: { log: () => {} } });
    const [scored] = await all(readScoredRecords(`${dir}/out`));
    assert.equal(scored!.reward_model, "rule/json where rule/number >= 1 else -2");
    assert.deepEqual(scored!.responses.map(({ score }) => score), [0, -2]);
    assert.deepEqual(Object.keys(scored!.responses[0]!.scores!), ["rule/number", "rule/json"]);
    assert.deepEqual(manifest.options.gate, ["rule/number"]);
  }));
