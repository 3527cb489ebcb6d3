import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import { Answer } from "../../lib/core/records.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { readScoredRecords } from "../../lib/io/records/read_records.ts";
import { openRewardModel } from "../../lib/model/open.ts";
import type { ScoringItem } from "../../lib/model/reward_model.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { unless } from "../installed.ts";
import {
  models,
  type RealServer,
  serveClassifier,
  serveVllm,
  whyNoServers,
} from "./real_server.ts";

const missing = whyNoServers();
const LOCAL = `local/${join(models, "reward")}`;
const log: string[] = [];
const context = defaultContext({ log: (line) => log.push(line), env: () => undefined });

const classify = { path: "/classify", body: { model: "served", input: "Hello there" } };
const pooling = ["--runner", "pooling", "--convert", "classify"];

/** The servers of a reward model. */
const rewardServers: Record<string, (folder: string) => Promise<RealServer | null>> = {
  "vLLM": (folder) => serveVllm(folder, "served", { args: pooling, ask: classify }),
  "transformers": (folder) => serveClassifier(folder, "served", classify),
};

for (const [name, serve] of Object.entries(rewardServers)) {
  Deno.test({
    ...unless(
      missing,
      `a reward model on a real ${name}: the local ONNX model's scores within 1e-3`,
    ),
    fn: async (t) => {
      const served = { rewardModel: "vllm/served", tokenizer: undefined };
      const server = await serve(join(models, "reward"));
      if (!server) return;
      const folder = await Deno.makeTempDir();
      try {
        await t.step("200 texts, by the server's own template and by the folder's", async () => {
          const items = await scoringItems(200);
          const local = await openRewardModel({ rewardModel: LOCAL, baseUrl: [] }, context);
          const expected = await local.score(items, { maxLength: 512 });
          await local.close();
          for (const tokenizer of [undefined, join(models, "reward")]) {
            const options = { ...served, tokenizer, baseUrl: [server.url] };
            const model = await openRewardModel(options, context);
            const scores = await model.score(items, { maxLength: 512 });
            await model.close();
            const furthest = Math.max(
              ...scores.map(({ score }, at) => Math.abs(score! - expected[at]!.score!)),
            );
            assert.ok(furthest < 1e-3, `${furthest} apart`);
            assert.deepEqual(
              scores.map(({ truncated }) => truncated),
              expected.map(({ truncated }) => truncated),
            );
          }
          assert.ok(expected.some(({ truncated }) => truncated), "one text is cut");
          assert.ok(expected.some(({ score }) => score! < 0 || score! > 1), "the scores are raw");
        });

        await t.step(
          "score-responses keeps every model's scores, and finds no parity gap",
          async () => {
            log.length = 0;
            const quick = { limit: 8, format: "prompted-think" as const };
            const policy = join(folder, "policy"), out = join(folder, "scored");
            await samplePolicy({
              ...quick,
              prompts: "lib/embedded/prompts.jsonl",
              model: "embedded",
              n: 4,
              maxTokens: 96,
              out: policy,
            }, { context });
            await scoreResponses({
              in: policy,
              rewardModel: ["embedded", LOCAL, "vllm/served"],
              baseUrl: [server.url],
              checkParity: 16,
              out,
            }, { context });
            assert.match(log.join("\n"), /parity of served: 16 answers .* \(tolerance 0.05\)/);
            let scored = 0;
            for await (const { responses } of readScoredRecords(out)) {
              for (const { score, scores } of responses) {
                if (score === null) continue;
                scored++;
                assert.equal(scores!.embedded, score);
                assert.ok(Math.abs(scores!.served! - scores!.reward!) < 1e-3);
              }
            }
            assert.ok(scored > 16);
          },
        );
      } finally {
        await server.stop();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** Prompts of the embedded list with answers of many lengths, the last one too long. */
async function scoringItems(count: number): Promise<ScoringItem[]> {
  const items: ScoringItem[] = [];
  for await (const { messages } of readPrompts("lib/embedded/prompts.jsonl")) {
    const words = messages.at(-1)!.content.split(" ");
    const answer = Array.from(
      { length: 1 + items.length % 23 },
      (_, at) => words[at % words.length],
    );
    items.push({ id: "p", prompt: messages, answer: Answer.parse(answer.join(" ")) });
    if (items.length === count - 1) break;
  }
  items.push({ ...items[0]!, answer: Answer.parse("word ".repeat(700)) });
  return items;
}
