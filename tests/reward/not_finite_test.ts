import assert from "node:assert/strict";
import { join } from "node:path";
import type { RewardModel } from "../../lib/model/reward_model.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { inFolder } from "../cli.ts";
import { scoredRecord, writeLines } from "../dataset/records.ts";

Deno.test("a reward that is no number rejects its prompt alone, with the reply, and totals balance", () =>
  inFolder(async (folder) => {
    const wrong: Record<string, number> = { nan: NaN, plus: Infinity, minus: -Infinity };
    const ids = ["good", ...Object.keys(wrong)];
    const input = await writeLines(
      join(folder, "replies.jsonl"),
      ids.map((id) => scoredRecord(id, [1, null, 2], {}, "prompted-nothink")),
    );
    const model: RewardModel = {
      name: "broken",
      concurrency: 2,
      score: (items) =>
        Promise.resolve(items.map(({ prompt }, at) => {
          const id = /What is (\w+)/.exec(prompt[0]!.content)![1]!;
          return { score: at === 1 ? wrong[id] ?? 0.5 : 0.25, truncated: false };
        })),
      close: () => Promise.resolve(),
    };
    const out = join(folder, "scored");
    const { manifest } = await scoreResponses(
      { in: input, rewardModel: "broken", out },
      { context: { log: () => {} }, model },
    );
    const { input: all, kept, rejected, pending, rejected_by_reason } = manifest.counts;
    assert.deepEqual([all, kept, rejected, pending], [4, 1, 3, 0]);
    assert.deepEqual(rejected_by_reason, { not_finite: 3 });
    const rejects = Deno.readTextFileSync(join(out, "rejects", "part-00000-of-00001.jsonl"));
    const details = rejects.trimEnd().split("\n").map((line) => JSON.parse(line).detail);
    assert.deepEqual(details, [
      "reply 2: the reward is NaN",
      "reply 2: the reward is Infinity",
      "reply 2: the reward is -Infinity",
    ]);
  }));
