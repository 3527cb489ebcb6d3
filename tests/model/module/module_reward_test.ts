import assert from "node:assert/strict";
import type { Answer } from "../../../lib/core/answer.ts";
import { grantsOf } from "../../../lib/model/module/grants.ts";
import { moduleReward } from "../../../lib/model/module/module_reward.ts";
import { inTemp, put } from "../../io/temp.ts";

const items = ["a", "bb"].map((answer) => ({
  id: "p",
  prompt: [{ role: "user" as const, content: "How long?" }],
  answer: answer as Answer,
  extra: { best: 2 },
}));
const options = { maxLength: 100 };

async function scoresOf(path: string, allow: string[] = []) {
  const model = await moduleReward(path, { allow });
  try {
    return { model, scores: await model.score(items, options) };
  } finally {
    await model.close();
  }
}

Deno.test("a file's function of one item is a reward, with its version and the file's hash", () =>
  inTemp(async (dir) => {
    const path = await put(
      `${dir}/near.ts`,
      `import { best } from "./beside.ts";
       export const version = "3";
       export default ({ answer, extra, id, prompt }) =>
         ({ score: -Math.abs(best(extra) - answer.length), reason: id + " " + prompt[0].content });`,
    );
    await put(`${dir}/beside.ts`, "export const best = (extra) => extra.best;");
    const { model, scores } = await scoresOf(path);
    assert.equal(model.name, "near");
    assert.match(model.version!, /^3\+[0-9a-f]{16}$/);
    assert.deepEqual(scores, [
      { score: -1, reason: "p How long?", truncated: false },
      { score: -0, reason: "p How long?", truncated: false },
    ]);
    // What it imports from beside it is part of what it is, one import further too.
    await put(`${dir}/further.ts`, "export const much = 1;");
    const beside = 'import { much } from "./further.ts"; export const best = (e) => e.best * much;';
    await put(`${dir}/beside.ts`, beside);
    const other = (await scoresOf(path)).model.version;
    assert.notEqual(other, model.version);
    await put(`${dir}/further.ts`, "export const much = 2;");
    assert.notEqual((await scoresOf(path)).model.version, other);
    await put(`${dir}/further.ts`, "export const much = 1;");
    assert.equal((await scoresOf(path)).model.version, other);
  }));

Deno.test("a file's RewardModel gets all answers to a prompt at once", () =>
  inTemp(async (dir) => {
    const path = await put(
      `${dir}/rank.ts`,
      `export default { name: "rank", version: "1", concurrency: 1, close: () => Promise.resolve(),
         score: (items, { maxLength }) => Promise.resolve(
           items.map(({ answer }, at) => ({ score: items.length * maxLength + at, truncated: false }))) };`,
    );
    const { model, scores } = await scoresOf(path);
    assert.equal(model.name, "rank");
    assert.deepEqual(scores.map(({ score }) => score), [200, 201]);
  }));

Deno.test("a file may read its own folder and nothing else, unless it is granted", () =>
  inTemp(async (dir) => {
    const path = await put(
      `${dir}/thief.ts`,
      `const tried = (what) => { try { what(); return "yes"; } catch (error) { return error.name; } };
       export default () => ({ score: 0, reason: [
         tried(() => Deno.env.get("HOME")), tried(() => Deno.readTextFileSync("/etc/passwd")),
         tried(() => new Deno.Command("true").outputSync()),
         tried(() => Deno.writeTextFileSync(new URL("x", import.meta.url), "")),
         tried(() => Deno.readTextFileSync(new URL(import.meta.url))),
       ].join(" ") });`,
    );
    const refused = await scoresOf(path);
    assert.equal(
      refused.scores[0]!.reason,
      "NotCapable NotCapable NotCapable NotCapable yes",
    );
    const granted = await scoresOf(path, ["env=HOME", "read=/etc"]);
    assert.equal(granted.scores[0]!.reason, "yes yes NotCapable NotCapable yes");
  }));

Deno.test("a file that is no reward is told in one line, and a score that is none rejects", () =>
  inTemp(async (dir) => {
    const none = await put(`${dir}/none.ts`, "export const x = 1;");
    await assert.rejects(moduleReward(none), /none\.ts: TypeError: its default export must be/);
    await assert.rejects(moduleReward(`${dir}/missing.ts`), /missing\.ts/);
    const words = await put(`${dir}/words.ts`, `export default () => "good";`);
    await assert.rejects(scoresOf(words), /a score must be a number/);
  }));

Deno.test("permissions are read from words, and a word that is none is refused", () => {
  const { read, net, env, run } = grantsOf(["net=a.org:443,env", "net=b.org"], ["/here"]);
  assert.deepEqual({ read, net, env, run }, {
    read: ["/here"],
    net: ["a.org:443", "b.org"],
    env: true,
    run: false,
  });
  assert.throws(() => grantsOf(["netz"], []), /--module-allow netz: one of .*did you mean net/);
});
