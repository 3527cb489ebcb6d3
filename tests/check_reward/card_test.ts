import assert from "node:assert/strict";
import { join } from "node:path";
import { checkReward } from "../../lib/check_reward/stage.ts";
import { InputError } from "../../lib/core/errors.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import type { RewardModel } from "../../lib/model/reward_model.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { makeTokenizer } from "../dataset/tiny_tokenizer.ts";
import { inTemp, put } from "../io/temp.ts";
import { chatReply } from "../chat_reply.ts";

const rows = Array.from({ length: 30 }, (_, at) => ({
  id: `p${at}`,
  source: "made",
  prompt: [{ role: "user", content: `What is ${at} + 1?` }],
  format: "chat",
  model: "m",
  extra: { expected: String(at + 1) },
  responses: [String(at + 1), "I cannot tell", `${at}`, "many"].map(chatReply),
}));

const digits = (version: string, name = "digits"): RewardModel => ({
  name,
  version,
  concurrency: 1,
  score: (items) =>
    Promise.resolve(items.map(({ answer }) => ({
      score: (/\d/.test(answer) ? 10 : 0) + Number(answer) || 0,
      truncated: false,
    }))),
  close: () => Promise.resolve(),
});

Deno.test("A reward's check stands in the card and the report of its dataset, of no other reward's", () =>
  inTemp(async (dir) => {
    const path = await put(join(dir, "r.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    const log = () => {};
    const scored = async (model: RewardModel, out: string) => {
      const options = { in: path, rewardModel: model.name, out: join(dir, out) };
      await scoreResponses(options, { context: { log }, model });
      return options.out;
    };
    const one = await scored(digits("1"), "one");
    const check = join(dir, "check.json");
    const { reward } = await checkReward({ in: [one], draws: 200, out: check });
    assert.deepEqual(reward, {
      score: "score",
      names: ["digits"],
      models: [{ name: "digits", version: "1" }],
    });
    const tokenizer = await makeTokenizer(join(dir, "tokenizer"));
    const build = (from: string, out: string, rewardCheck: string) =>
      buildDpo({ in: from, out: join(dir, out), format: "chat", tokenizer, rewardCheck }, {
        context: { log },
      });
    const { manifest } = await build(one, "dpo", check);
    const card = await Deno.readTextFile(join(dir, "dpo", "README.md"));
    assert.ok(card.includes("## How far the reward is to be trusted"));
    assert.match(card, /\| reward \| 100\.0% \\\[/);
    assert.match(card, /- 90 pairs of 30 prompts, held against labels/);
    const page = await Deno.readTextFile(join(dir, "dpo", "report.html"));
    assert.ok(page.includes("How far the reward is to be trusted"));
    assert.ok(manifest.inputs.some(({ path }) => path === check));
    // The best answers of a scored run are the reward's choice too.
    const best = { in: one, out: join(dir, "sft"), best: 1, variant: "nothink" } as const;
    await buildSft({ ...best, tokenizer: [`t=${tokenizer}`], rewardCheck: check }, {
      context: { log },
    });
    const sft = await Deno.readTextFile(join(dir, "sft", "README.md"));
    assert.match(sft, /## How far the reward is to be trusted[^]*\| reward \| 100\.0% \\\[/);
    // A file of the run's records has no manifest: the reward is known by its name alone.
    await build(join(one, "records"), "files", check);
    const other = await put(
      join(dir, "other.json"),
      (await Deno.readTextFile(check)).replace('"score": "score"', '"score": "digits"'),
    );
    for (
      const [from, file, said] of [
        [await scored(digits("2"), "two"), check, /digits was another model \(1\) when/],
        [await scored(digits("1", "other"), "three"), check, /it checked digits, and the/],
        [one, other, /it checked --score digits, and the pairs go by score/],
        [one, path, /--reward-check .*r\.jsonl: /],
        [one, join(one, "manifest.json"), /reward: .*give what check-reward --out left/],
      ] as const
    ) {
      await assert.rejects(build(from, "refused", file), (error: Error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, said);
        return true;
      });
    }
  }));
