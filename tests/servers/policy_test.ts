import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import type { Message } from "../../lib/core/records.ts";
import { readPolicyRecords } from "../../lib/io/records/read_records.ts";
import { openPolicy } from "../../lib/model/open.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { unless } from "../installed.ts";
import {
  models,
  python,
  type RealServer,
  serveLlamaCpp,
  serveVllm,
  whyNoServers,
} from "./real_server.ts";

const missing = whyNoServers();
const context = defaultContext({ log: () => {}, env: () => undefined });

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

const plain = (model: string) => ({
  path: "/v1/completions",
  body: { model, prompt: "Hello there", max_tokens: 4 },
});

/** The servers of a policy: folder in Hugging Face's layout in, null where it cannot run here. */
const policyServers: Record<string, (folder: string) => Promise<RealServer | null>> = {
  "vLLM": (folder) => serveVllm(folder, "think", { ask: plain("think") }),
  "llama.cpp": () => serveLlamaCpp(join(models, "smollm2.gguf"), "think", plain("think")),
};

for (const [name, serve] of Object.entries(policyServers)) {
  Deno.test({
    ...unless(
      missing,
      `a prompted model on a real ${name}: token ids as Hugging Face's, replies that end right`,
    ),
    fn: async (t) => {
      const folder = await Deno.makeTempDir();
      const model = join(folder, "think");
      await createPromptedModel(
        { model: join(models, "smollm2"), out: model, variant: "think", weights: "symlink" },
        { context: context },
      );
      const server = await serve(model);
      if (!server) return;
      try {
        await t.step("a prompt has the token ids of apply_chat_template, one BOS", async () => {
          assert.deepEqual(await tokensRead(server.url, model), await tokenIds(model, chats));
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
              }, { context });
              const records = [];
              for await (const record of readPolicyRecords(join(folder, out))) {
                records.push(record);
              }
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
}

/** The token ids that a server reads of the prompts that the adapter sends it for the chats. */
async function tokensRead(url: string, folder: string): Promise<number[][]> {
  const read: number[][] = [];
  const watched: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok || !`${input}`.endsWith("/v1/completions")) return response;
    const { choices, usage } = await response.clone().json();
    const { prompt } = JSON.parse(`${init?.body}`);
    const ids = choices[0].prompt_token_ids ?? await llamaTokens(url, prompt);
    assert.equal(usage.prompt_tokens, ids.length);
    read.push(ids);
    return response;
  };
  const { model, render } = await openPolicy({
    ...{ model: "vllm/think", tokenizer: folder, format: "prompted-think", n: 1, baseUrl: [url] },
  }, { ...context, fetch: watched });
  const ask = async (messages: Message[]) => {
    await model.complete({ ...sampling, id: "p", prompt: render(messages), n: 1, maxTokens: 1 });
    return read.at(-1)!;
  };
  const all: number[][] = [];
  for (const messages of chats) all.push(await ask(messages));
  await model.close();
  return all;
}

/** llama.cpp does not tell the ids with a reply; its `/tokenize` reads a prompt in the same way. */
async function llamaTokens(url: string, content: string): Promise<number[]> {
  const response = await fetch(`${url}/tokenize`, {
    method: "POST",
    body: JSON.stringify({ content, add_special: true, parse_special: true }),
  });
  return (await response.json()).tokens;
}

const sampling = {
  temperature: 0.7,
  topP: 1,
  topK: 0,
  stop: [],
  includeStop: true,
  seed: 42,
};

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
