import assert from "node:assert/strict";
import { join } from "node:path";
import { readScoredRecords } from "../../lib/io/records/read_records.ts";
import { EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { all, inTemp, put } from "../io/temp.ts";

Deno.test("a kept column travels from the prompts through the policy's replies to the scores", async () => {
  await inTemp(async (dir) => {
    const rows = (await Deno.readTextFile(EMBEDDED_PROMPTS)).split("\n").slice(0, 2)
      .map((line, n) => ({ ...JSON.parse(line), category: ["code", "chat"][n], truth: n }));
    const prompts = await put(`${dir}/prompts.json`, rows);
    const out = join(dir, "policy"), scored = join(dir, "scored");
    const common = { prompts, model: "embedded", format: "prompted-nothink" } as const;
    const quick = { ...common, n: 2, maxTokens: 16, out };
    await samplePolicy({ ...quick, keep: ["category", "truth"] }, { context: { log: () => {} } });
    await scoreResponses({ in: out, rewardModel: "embedded", out: scored }, {
      context: { log: () => {} },
    });
    const records = await all(readScoredRecords(scored));
    assert.deepEqual(records.map(({ extra }) => extra), [
      { category: "code", truth: 0 },
      { category: "chat", truth: 1 },
    ]);
    const other = samplePolicy({ ...quick, keep: ["truth"] }, { context: { log: () => {} } });
    await assert.rejects(other, /holds a run with keep \["category","truth"\] \(now \["truth"\]\)/);
  });
});
