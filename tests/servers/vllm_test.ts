import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import { Answer, type Message } from "../../lib/core/records.ts";
import { readPrompts } from "../../lib/io/read_prompts.ts";
import { readPolicyRecords, readScoredRecords } from "../../lib/io/read_records.ts";
import { openRewardModel } from "../../lib/model/open.ts";
import type { ScoringItem } from "../../lib/model/reward_model.ts";
import { completionBody } from "../../lib/model/vllm/completion_wire.ts";
import { samplePolicy } from "../../lib/policy/sample_policy.ts";
import { createPromptedModel } from "../../lib/prompted/create_prompted_model.ts";
import { loadChatTemplate } from "../../lib/reply/chat_template.ts";
import { scoreResponses } from "../../lib/reward/score_responses.ts";
import { unless } from "../installed.ts";
import { models, python, serveVllm, whyNoServers } from "./real_server.ts";

const missing = whyNoServers();
const LOCAL = `local/${join(models, "reward")}`;
const log: string[] = [];
const context = defaultContext({ log: (line) => log.push(line), env: () => undefined });

const chats: Message[][] = [
  [{ role: "user", content: "How do I bake a cake?" }],
  [{ role: "user", content: "  Räuber & Söhne <response>\n\n日本語 🚀 " }],
  [{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }],
  [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "<response> Hello </response>" },
    { role: "user", content: "Bye" },
  ],
];

Deno.test({
  ...unless(
    missing,
    "a prompted model on a real vLLM: token ids as Hugging Face's, replies that end right",
  ),
  fn: async (t) => {
    const folder = await Deno.makeTempDir();
    const model = join(folder, "think");
    await createPromptedModel(
      { model: join(models, "smollm2"), out: model, variant: "think", weights: "symlink" },
      context,
    );
    const server = await serveVllm(model, "think");
    try {
      await t.step("a prompt has the token ids of apply_chat_template, one BOS", async () => {
        const expected = await tokenIds(model, chats);
        const template = await loadChatTemplate(model);
        for (const [at, messages] of chats.entries()) {
          const prompt = template.render(messages, { addGenerationPrompt: true });
          const request = { ...sampling, id: "p", prompt, n: 1, maxTokens: 1 };
          const body = completionBody("think", request, { n: 1, index: 0 });
          const response = await fetch(`${server.url}/v1/completions`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          });
          const { choices } = await response.json();
          assert.deepEqual(choices[0].prompt_token_ids, expected[at]);
        }
      });

      await t.step(
        "sample-policy gives the same records twice, and keeps stop strings",
        async () => {
          const run = async (out: string) => {
            await samplePolicy({
              prompts: "lib/embedded/prompts.jsonl",
              model: "vllm/think",
              tokenizer: model,
              baseUrl: [server.url],
              format: "prompted-think",
              n: 2,
              maxTokens: 64,
              limit: 4,
              out: join(folder, out),
            }, context);
            const records = [];
            for await (const record of readPolicyRecords(join(folder, out))) records.push(record);
            return records.map(({ where: _, ...record }) => record);
          };
          const records = await run("first");
          assert.equal(records.length, 4);
          for (const { responses } of records) {
            assert.equal(responses.length, 2);
            assert.notEqual(responses[0]!.text, responses[1]!.text);
            for (const { text, completion_tokens, finish_reason } of responses) {
              assert.ok(completion_tokens > 0 && completion_tokens <= 64);
              if (finish_reason === "length") assert.ok(!text.includes("</response>"));
              else assert.ok(text.endsWith("</response>") || !text.includes("</response>"));
            }
          }
          assert.deepEqual(await run("second"), records);
        },
      );
    } finally {
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  ...unless(missing, "a reward model on a real vLLM: the local ONNX model's scores within 1e-3"),
  fn: async (t) => {
    const served = { rewardModel: "vllm/served", tokenizer: undefined };
    const server = await serveVllm(join(models, "reward"), "served", [
      ...["--runner", "pooling", "--convert", "classify"],
    ]);
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
            ...scores.map(({ score }, at) => Math.abs(score - expected[at]!.score)),
          );
          assert.ok(furthest < 1e-3, `${furthest} apart`);
          assert.deepEqual(
            scores.map(({ truncated }) => truncated),
            expected.map(({ truncated }) => truncated),
          );
        }
        assert.ok(expected.some(({ truncated }) => truncated), "one text is cut");
        assert.ok(expected.some(({ score }) => score < 0 || score > 1), "the scores are raw");
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
          }, context);
          await scoreResponses({
            in: policy,
            rewardModel: ["embedded", LOCAL, "vllm/served"],
            baseUrl: [server.url],
            checkParity: 16,
            out,
          }, context);
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

const sampling = {
  temperature: 0.7,
  topP: 1,
  topK: 0,
  stop: [],
  includeStop: true,
  seed: 42,
};

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

async function tokenIds(model: string, chats: Message[][]): Promise<number[][]> {
  const program = `
import json, sys
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
chats = json.load(sys.stdin)
print(json.dumps([tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=True, return_dict=False) for chat in chats]))
`;
  const process = new Deno.Command(python, {
    args: ["-c", program, model],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(chats)));
  await writer.close();
  const { stdout } = await process.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}
