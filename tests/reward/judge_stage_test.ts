import assert from "node:assert/strict";
import { join } from "node:path";
import { LimitReached } from "../../lib/core/errors.ts";
import { readScoredRecords } from "../../lib/io/records/read_records.ts";
import { estimateJudge } from "../../lib/reward/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { all } from "../io/temp.ts";
import {
  allFiles,
  inFolder,
  jsonLines,
  MARKED_KEY,
  quickContext,
  wait,
} from "../teacher/run_teacher.ts";
import { startScriptedProvider } from "../teacher/scripted_provider.ts";
import { chatReply } from "../chat_reply.ts";

async function writeReplies(folder: string, prompts: number, texts: string[]): Promise<string> {
  const path = join(folder, "replies.jsonl");
  const rows = Array.from({ length: prompts }, (_, at) => ({
    id: `p${at}`,
    source: "made",
    prompt: [{ role: "user", content: `Question ${at}?` }],
    format: "chat",
    model: "m",
    responses: texts.map(chatReply),
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
      { context },
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
    }, { context });
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
      scoreResponses({ ...options, api: "responses", maxCostUsd: cap }, { context }),
      LimitReached,
    );
    await provider.close();
    const bill = await jsonLines(join(out, "spend", "part-00000-of-00001.jsonl"));
    assert.ok(bill.length > 20, String(bill.length));
    const manifest = JSON.parse(await Deno.readTextFile(join(out, "manifest.json")));
    assert.ok(manifest.cost <= cap, `${manifest.cost} of ${cap}`);
    assert.equal(manifest.counts.input, 40);
    assert.equal(manifest.counts.kept + manifest.counts.pending, 40);
    const { kept, pending } = manifest.counts;
    const rest = await estimateJudge(options, { context });
    assert.deepEqual([rest.prompts, rest.toAsk, rest.requests], [40, pending, pending * 12]);
    assert.deepEqual([rest.basis, rest.measured, rest.spent], [
      "measured",
      kept * 12,
      manifest.cost,
    ]);
    const [first] = await jsonLines(given);
    const prompt = [{ role: "user", content: "Another question." }];
    const other = join(folder, "other.jsonl");
    await Deno.writeTextFile(other, `${JSON.stringify({ ...first, id: "new", prompt })}\n`);
    const both = await estimateJudge({ ...options, in: [given, other] }, { context });
    assert.deepEqual(
      [both.prompts, both.toAsk],
      [41, pending + 1],
      "several inputs, and their rest",
    );
  }));

Deno.test("a judge through batches is estimated and billed at their price, holds its cap, and is replayed", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      replyText: (shown) => marks(answerIn(shown).length),
    });
    // Waits are a hundred times as short by any clock.
    const { context } = quickContext({
      monotonic: () => performance.now() * 100,
      sleep: (ms, signal) => wait(ms / 100, signal),
    });
    const given = await writeReplies(folder, 12, ["one", "three", "eleven"]);
    const record = join(folder, "judge.jsonl"), out = join(folder, "out");
    const options = { in: given, rewardModel, baseUrl: [provider.url], batch: true };
    const estimate = await estimateJudge({ ...options, out }, { context });
    const whole = await estimateJudge({ ...options, batch: false, out }, { context });
    assert.ok(Math.abs(estimate.cost! - whole.cost! / 2) < 1e-9);
    await assert.rejects(
      scoreResponses({ ...options, out: join(folder, "capped"), maxCostUsd: 1e-6 }, { context }),
      LimitReached,
    );
    assert.equal(provider.stats.batchLines, 0);
    const { manifest } = await scoreResponses({ ...options, record, out }, { context });
    await provider.close();
    assert.deepEqual([manifest.counts.kept, provider.stats.batchLines], [12, 36]);
    const { promptTokens, completionTokens } = provider.stats;
    const full = (promptTokens * 0.4 + completionTokens * 1.6) / 1e6;
    assert.ok(Math.abs(manifest.cost! - full / 2) < 1e-9, `${manifest.cost} of ${full}`);
    const scores = async (path: string) =>
      (await all(readScoredRecords(path))).map(({ responses }) => responses.map((r) => r.score));
    const replayed = join(folder, "replayed");
    await scoreResponses(
      { in: given, rewardModel: `judge/replay/${record}`, out: replayed },
      { context },
    );
    assert.deepEqual(await scores(replayed), await scores(out));
    assert.deepEqual((await scores(out))[0], [3, 5, 6]);
  }));
