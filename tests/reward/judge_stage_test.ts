import assert from "node:assert/strict";
import { join } from "node:path";
import { LimitReached } from "../../lib/core/errors.ts";
import { readScoredRecords } from "../../lib/io/read_records.ts";
import { estimateJudge } from "../../lib/reward/stage.ts";
import { scoreResponses } from "../../lib/reward/score_responses.ts";
import { all } from "../io/temp.ts";
import { allFiles, inFolder, jsonLines, MARKED_KEY, quickContext } from "../teacher/run_teacher.ts";
import { startScriptedProvider } from "../teacher/scripted_provider.ts";

async function writeReplies(folder: string, prompts: number, texts: string[]): Promise<string> {
  const path = join(folder, "replies.jsonl");
  const rows = Array.from({ length: prompts }, (_, at) => ({
    id: `p${at}`,
    source: "made",
    prompt: [{ role: "user", content: `Question ${at}?` }],
    format: "chat",
    model: "m",
    responses: texts.map((answer, index) => ({
      index,
      text: answer,
      thought: null,
      answer,
      malformed: null,
      finish_reason: "stop",
      completion_tokens: 1,
    })),
  }));
  await Deno.writeTextFile(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  return path;
}

const marks = (mark: number) =>
  JSON.stringify({ reason: "so", marks: { correct: mark, helpful: mark } });
const answerIn = (shown: string) => /<answer>\n([^]*?)\n<\/answer>/.exec(shown)?.[1] ?? "";
const rewardModel = "judge/openai/gpt-4.1-mini";

Deno.test("a judge behind a provider scores, is billed, recorded and replayed; nonsense is told", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      replyText: (shown) => answerIn(shown) === "odd" ? "Hm." : marks(answerIn(shown).length),
      faults: { rateLimit: 0.1, serverError: 0.05 },
    });
    const { context, lines } = quickContext({ progress: "plain" });
    const given = await writeReplies(folder, 10, ["one", "three", "odd"]);
    const record = join(folder, "judge.jsonl");
    const options = { in: given, rewardModel, out: join(folder, "out"), baseUrl: [provider.url] };
    const { manifest } = await scoreResponses(
      { ...options, record, api: "responses", timeout: 5 },
      context,
    );
    await provider.close();
    const records = await all(readScoredRecords(options.out));
    assert.equal(records.length, 10);
    for (const { responses, reward_model } of records) {
      assert.equal(reward_model, "judge/gpt-4.1-mini");
      assert.deepEqual(responses.map(({ score }) => score), [3, 5, null]);
      assert.deepEqual(responses[2]!.unread, { [reward_model]: "the verdict is no such JSON" });
      assert.match(responses[0]!.reasons![reward_model]!, /correct 3, helpful 3: so/);
    }
    assert.equal(manifest.tokens.replies, provider.stats.billed);
    assert.ok(manifest.cost! > 0);
    assert.ok(lines.some((line) => line.includes("10 of 30 answers unread by the reward (33%)")));
    for (const path of await allFiles(folder)) {
      assert.ok(!(await Deno.readTextFile(path)).includes(MARKED_KEY), path);
    }
    const replayed = join(folder, "replayed");
    await scoreResponses({
      ...options,
      baseUrl: [],
      rewardModel: `judge/replay/${record}`,
      out: replayed,
    }, context);
    const again = await all(readScoredRecords(replayed));
    assert.deepEqual(again.map(({ responses }) => responses.map(({ score }) => score)), [
      ...records.map(({ responses }) => responses.map(({ score }) => score)),
    ]);
  }));

Deno.test("a judge's cap holds, and its estimate sends nothing", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ replyText: () => marks(5), latencyMs: 5 });
    const { context } = quickContext();
    const given = await writeReplies(folder, 40, ["one", "two", "three", "four"]);
    const out = join(folder, "out");
    const options = {
      in: given,
      rewardModel,
      out,
      baseUrl: [provider.url],
      judgeMode: "pairwise" as const,
      judgeMaxTokens: 50,
    };
    const estimate = await estimateJudge(options, { context });
    assert.deepEqual([estimate.prompts, estimate.requests], [40, 40 * 12]);
    assert.ok(estimate.cost! > 0 && estimate.most! >= estimate.cost! * 0.5);
    assert.equal(provider.stats.requests, 0);
    const cap = estimate.cost! / 4;
    await assert.rejects(
      scoreResponses({ ...options, api: "responses", maxCostUsd: cap }, context),
      LimitReached,
    );
    await provider.close();
    const bill = await jsonLines(join(out, "spend", "part-00000-of-00001.jsonl"));
    assert.ok(bill.length > 20, String(bill.length));
    const manifest = JSON.parse(await Deno.readTextFile(join(out, "manifest.json")));
    assert.ok(manifest.cost <= cap, `${manifest.cost} of ${cap}`);
    assert.equal(manifest.counts.input, 40);
    assert.equal(manifest.counts.kept + manifest.counts.pending, 40);
  }));
