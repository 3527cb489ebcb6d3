/** The demo's prompts through a reward model, through a rule instead, and through both. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkReward } from "../../lib/check_reward/stage.ts";
import { defaultContext } from "../../lib/core/context.ts";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { load } from "../../lib/explore/load.ts";
import { extremesOf } from "../../lib/explore/page/extreme_lists.ts";
import { readLabels } from "../../lib/evaluate/labels.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { EMBEDDED_POLICY, EMBEDDED_PROMPTS } from "../../lib/model/embedded/paths.ts";
import { exactRule } from "../../lib/model/rule/exact.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { stages } from "../../lib/stages.ts";
import { partsOfTurn } from "../../lib/reply/turn_parts.ts";
import { inTemp, put } from "../io/temp.ts";

const context = { log: () => {}, progress: "none" } as const;
const rule = { rewardModel: ["rule/exact"], labelKey: "expected" };
const both = {
  rewardModel: ["embedded", "rule/exact"],
  labelKey: "expected",
  gate: ["rule/exact"],
  gatedScore: -20,
};

Deno.test("a reward model, a rule in its place, and both gated: the pairs differ, and all pages tell where", () =>
  inTemp(async (dir) => {
    // Some of each kind, the one among them that the reward model is known to be weak on.
    const rows: { source: string }[] = [];
    for await (const { row } of readRows(EMBEDDED_PROMPTS)) rows.push(row as { source: string });
    const some = rows.filter((_, at) => at % 4 === 0);
    const prompts = await put(
      join(dir, "prompts.jsonl"),
      some.map((row) => JSON.stringify(row)).join("\n"),
    );
    const at = (name: string) => join(dir, name);
    await createPromptedModel(
      { model: EMBEDDED_POLICY, out: at("prompted"), variant: "nothink" },
      { context },
    );
    await samplePolicy({
      prompts,
      model: `local/${at("prompted")}`,
      format: "prompted-nothink",
      n: 8,
      temperature: 1,
      maxTokens: 64,
      keep: ["expected"],
      out: at("policy"),
    }, { context });
    const labels = await readLabels(prompts, "expected");
    const chosenRight = new Map<string, Map<string, boolean>>();
    for (const [name, how] of Object.entries({ model: { rewardModel: "embedded" }, rule, both })) {
      await scoreResponses({ in: at("policy"), ...how, out: at(name) }, { context });
      await buildDpo(
        { in: at(name), tokenizer: at("prompted"), out: at(`dpo-${name}`) },
        { context },
      );
      const right = new Map<string, boolean>();
      for await (const { row } of readRows(at(`dpo-${name}`), { split: "all" })) {
        const { id, chosen } = row as { id: string; chosen: { content: string }[] };
        const { answer } = partsOfTurn({ role: "assistant", content: chosen[0]!.content });
        right.set(id, exactRule(answer!, labels.get(id)).score === 1);
      }
      chosenRight.set(name, right);
    }
    const [model, byRule, gated] = ["model", "rule", "both"].map((name) => chosenRight.get(name)!);
    const shareRight = (pairs: Map<string, boolean>) =>
      [...pairs.values()].filter(Boolean).length / pairs.size;
    // The rule's chosen side is always right, and it has no pair where all are wrong, or none is.
    assert.equal(shareRight(byRule!), 1);
    assert.ok(byRule!.size < model!.size, `${byRule!.size} of ${model!.size}`);
    const wrong = [...model!].filter(([id, right]) => !right && byRule!.has(id)).map(([id]) => id);
    assert.ok(
      wrong.length > 0,
      "the reward model chose wrong answers though there were right ones",
    );
    // With both, what is right is chosen wherever there is something right to choose.
    assert.ok([...byRule!.keys()].every((id) => gated!.get(id)), "the gate holds");
    assert.ok(shareRight(gated!) > shareRight(model!));

    // The report tells how far they agree, and the explorer lists where they do not first.
    const page = await Deno.readTextFile(join(at("both"), "report.html"));
    assert.match(page, /agreement of embedded and rule\/exact/);
    const { data, store } = await load({ in: at("both") }, defaultContext(context), stages);
    await store.close();
    const shown = new Uint8Array(data.first.length - 1).fill(1);
    const [first] = extremesOf({ data, shown, remains: () => true });
    assert.match(first!.title, /^Rewards disagree/);
    assert.ok(first!.found.length > 0);

    // The figures that the embedded reward is known for (lib/embedded/README.md), on these prompts.
    // Of all prompts it ranks 89% of these pairs right [86%, 92%].
    const { rankers, sources, beyondLength } = await checkReward({
      in: [at("model")],
      labels: prompts,
      draws: 500,
    });
    assert.ok(rankers.reward.pairs.value > 0.75 && rankers.reward.pairs.value < 0.97);
    for (const name of ["length", "first", "random"] as const) {
      const { value } = rankers[name].pairs;
      assert.ok(value > 0.35 && value < 0.65, `${name} ranks ${value}`);
    }
    assert.ok(beyondLength.low > 0.1);
    const of = (name: string) => sources.find(({ source }) => source === `embedded/${name}`)!.pairs;
    assert.ok(of("check").value < 0.65, "yes or no about capitals is what it cannot tell");
    assert.ok(of("capital").value > 0.9);
    // Held against the rule in the same records it is the same reward.
    const against = await checkReward({
      in: [at("both")],
      score: "embedded",
      against: "rule/exact",
      draws: 100,
    });
    assert.equal(against.rankers.reward.pairs.value, rankers.reward.pairs.value);
  }));
