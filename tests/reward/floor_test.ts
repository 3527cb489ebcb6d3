import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError, RunError } from "../../lib/core/errors.ts";
import { readScoredRecords } from "../../lib/io/records/read_records.ts";
import type { RewardModel } from "../../lib/model/reward_model.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { all } from "../io/temp.ts";
import { inFolder, jsonLines, quickContext } from "../teacher/run_teacher.ts";
import { startScriptedProvider } from "../teacher/scripted_provider.ts";
import { chatReply } from "../chat_reply.ts";

/** Prompts whose right answer is the shorter one, and stands last. */
async function writeLabelled(folder: string, prompts: number): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, "replies.jsonl");
  const rows = Array.from({ length: prompts }, (_, at) => ({
    id: `p${at}`,
    source: "made",
    prompt: [{ role: "user", content: `Question ${at}?` }],
    format: "chat",
    model: "m",
    // Every third one is all wrong: nothing can be learned of it.
    extra: { expected: at % 3 === 2 ? "nobody knows" : "yes" },
    responses: ["it is not so", "by no means it is", "yes"].map(chatReply),
  }));
  await Deno.writeTextFile(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  return path;
}

const shownIn = (shown: string) =>
  ["a", "b"].map((side) =>
    new RegExp(`<answer_${side}>\\n([^]*?)\\n</answer_${side}>`).exec(shown)![1]!
  );
const winner = (winner: string) => JSON.stringify({ reason: "so", winner });

/** What judges say of two answers. */
const JUDGES: Record<string, (shown: string) => string> = {
  first: () => winner("A"),
  longer: (shown) => {
    const [a, b] = shownIn(shown);
    return winner(a!.length > b!.length ? "A" : "B");
  },
  nonsense: () => "I would rather not say.",
  sound: (shown) => winner(shownIn(shown)[0] === "yes" ? "A" : "B"),
};

/** Two orders of three pairs. */
const VERDICTS = 6;

for (
  const [name, said] of [["first", "50.0% of 8 pairs"], ["longer", "0.0% of 8 pairs"], [
    "nonsense",
    "no score of use on 4 prompts, 12 of 12 answers unread",
  ]] as const
) {
  Deno.test(`a judge that says ${name} is below the floor: nothing beyond the trial is paid for`, () =>
    inFolder(async (folder) => {
      const provider = await startScriptedProvider({ replyText: JUDGES[name]! });
      const { context, lines } = quickContext();
      const options = {
        in: await writeLabelled(folder, 40),
        rewardModel: "judge/openai/gpt-4.1-mini",
        judgeMode: "pairwise" as const,
        out: join(folder, "out"),
        baseUrl: [provider.url],
        api: "responses" as const,
        floor: 0.7,
        trial: 4,
      };
      const refused = (error: Error) =>
        error instanceof RunError && error.message.includes(`trial: ${said}`) &&
        error.message.includes("below --floor 0.7");
      await assert.rejects(scoreResponses(options, { context }), refused);
      assert.equal(provider.stats.billed, 4 * VERDICTS);
      // Asked again it says the same, for nothing.
      await assert.rejects(scoreResponses(options, { context }), refused);
      assert.equal(provider.stats.billed, 4 * VERDICTS);
      if (name === "first") {
        const told = lines.some((line) => line.includes("12 of 12 comparisons went by the order"));
        assert.ok(told, lines.join("\n"));
      }
      await provider.close();
    }));
}

Deno.test("a judge above the floor scores the rest, and its trial is not paid for twice", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ replyText: JUDGES.sound! });
    const { context, lines } = quickContext();
    const out = join(folder, "out");
    const { manifest } = await scoreResponses({
      in: await writeLabelled(folder, 12),
      rewardModel: ["judge/openai/gpt-4.1-mini", "rule/exact"],
      labelKey: "expected",
      judgeMode: "pairwise",
      out,
      baseUrl: [provider.url],
      api: "responses",
      floor: 0.9,
      trial: 5,
    }, { context });
    await provider.close();
    assert.ok(lines.some((line) => /trial: 100.0% of 10 pairs ranked right \[/.test(line)));
    assert.equal(manifest.counts.kept, 12);
    assert.equal(provider.stats.billed, 12 * VERDICTS);
    assert.equal((await jsonLines(join(out, "spend", "part-00000-of-00001.jsonl"))).length, 72);
    const records = await all(readScoredRecords(out));
    assert.deepEqual(records.map(({ id }) => id), Array.from({ length: 12 }, (_, at) => `p${at}`));
    // The first verdict of an order decides nothing; the right answer wins in both.
    assert.ok(records.every(({ responses }) => responses[2]!.score === 1));
  }));

const longer: RewardModel = {
  name: "longer",
  version: "1",
  concurrency: 1,
  score: (items) =>
    Promise.resolve(items.map(({ answer }) => ({ score: answer.length, truncated: false }))),
  close: () => Promise.resolve(),
};

Deno.test("any reward may be held to a floor; without labels or over shards it is bad input", () =>
  inFolder(async (folder) => {
    const { context } = quickContext();
    const path = await writeLabelled(folder, 10), labels = join(folder, "labels.jsonl");
    await Deno.writeTextFile(labels, `{"id":"p0","best":"by no means it is"}\n`);
    const options = { in: path, rewardModel: "longer", out: join(folder, "out"), floor: 0.9 };
    await assert.rejects(scoreResponses(options, { context, model: longer }), RunError);
    // By other labels it is right.
    const other = { ...options, out: join(folder, "other"), labels, labelKey: "best" };
    const { manifest } = await scoreResponses(other, { context, model: longer });
    assert.equal(manifest.counts.kept, 10);
    const two = [path, await writeLabelled(join(folder, "more"), 4)];
    const pooled = { ...options, in: two, floor: 0, out: join(folder, "pooled") };
    const { manifest: both } = await scoreResponses(pooled, { context, model: longer });
    assert.equal(both.counts.kept, 10);
    const none = (error: Error) =>
      error instanceof InputError && /no prompt has/.test(error.message);
    await Deno.writeTextFile(labels, `{"id":"q","best":"yes"}\n`);
    await assert.rejects(
      scoreResponses({ ...other, out: join(folder, "third") }, { context, model: longer }),
      none,
    );
    await assert.rejects(
      scoreResponses({ ...options, shard: "0/2", out: join(folder, "fourth") }, {
        context,
        model: longer,
      }),
      /--floor: not with --shard/,
    );
  }));
