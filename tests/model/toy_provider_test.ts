import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultContext } from "../../lib/core/context.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { readScoredRecords, readTeacherRecords } from "../../lib/io/records/read_records.ts";
import { inFolder } from "../cli.ts";
import { acme } from "../toy_provider.ts";

const KEY = "acme-marked-51e2";
const context = defaultContext({
  log: () => {},
  env: (name) => name === "ACME_API_KEY" ? KEY : undefined,
});

/** A server of Acme's: it refuses what it does not know, and scores an answer by its length. */
async function withAcme(test: (address: string) => Promise<void>): Promise<void> {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (req) => {
      if (req.headers.get("authorization") !== `Bearer ${KEY}`) {
        return Response.json({ error: { message: "no key" } }, { status: 401 });
      }
      const body = await req.json();
      if (new URL(req.url).pathname === "/v1/scores") {
        const results = body.input.map(({ answer }: { answer: string }) => ({
          score: answer.length,
        }));
        return Response.json({ results });
      }
      const known = ["model", "messages", "max_output_tokens", "temperature", "top_p"];
      const param = Object.keys(body).find((name) => !known.includes(name));
      if (param !== undefined || body.max_output_tokens !== 64) {
        return Response.json({ error: { message: `unknown: ${param}`, param } }, { status: 400 });
      }
      return Response.json({
        choices: [{ finish_reason: "stop", message: { content: "Paris." } }],
        usage: { prompt_tokens: 9, completion_tokens: 2 },
      });
    },
  );
  await test(`http://127.0.0.1:${server.addr.port}/v1`);
}

const jsonl = (rows: unknown[]) => rows.map((row) => JSON.stringify(row) + "\n").join("");

Deno.test("a provider whose body differs from OpenAI's is a row of providers of its own", () =>
  withAcme((address) =>
    inFolder(async (folder) => {
      const prompts = join(folder, "prompts.jsonl"), out = join(folder, "teacher");
      await Deno.writeTextFile(prompts, jsonl([{ prompt: "Capital of France?" }]));
      const options = { model: "acme/chat", baseUrl: [address] };
      const model = await acme.teacher!("chat", options, context);
      await sampleTeacher(
        { ...options, prompts, out, thinking: "none", maxTokens: 64, attempts: 1 },
        { context, model },
      );
      const [record] = await Array.fromAsync(readTeacherRecords(out));
      assert.equal(record!.response, "Paris.");
    })
  ));

Deno.test("a reward behind HTTP is a row of providers of its own", () =>
  withAcme((address) =>
    inFolder(async (folder) => {
      const replies = ["2", "It is 2.", "3", "No."].map((answer, index) => (
        { index, text: answer, thought: null, answer, malformed: null, finish_reason: "stop" }
      ));
      const prompt = [{ role: "user", content: "What is 1 + 1?" }];
      const record = { id: "a", source: "s", prompt, format: "chat", model: "m" };
      const responses = replies.map((reply) => ({ ...reply, completion_tokens: 2 }));
      const path = join(folder, "replies.jsonl"), out = join(folder, "scored");
      await Deno.writeTextFile(path, jsonl([{ ...record, responses }]));
      const model = await acme.reward!("length", {
        rewardModel: "acme/length",
        baseUrl: [address],
      }, context);
      await scoreResponses({ in: path, rewardModel: "acme/length", out }, { context, model });
      const [scored] = await Array.fromAsync(readScoredRecords(out));
      assert.deepEqual(scored!.responses.map(({ score }) => score), [1, 8, 1, 3]);
    })
  ));

Deno.test("its limits and its key are asked for before anything is sent", async () => {
  const options = { model: "acme/chat", temperature: 1.2, maxTokens: 1, baseUrl: [] };
  assert.throws(() => acme.checkLimits!(options), /--temperature 1.2: acme\/chat takes 1 at most/);
  const none = defaultContext({ log: () => {}, env: () => undefined });
  await assert.rejects(
    async () => await acme.teacher!("chat", options, none),
    /ACME_API_KEY is not set: --model acme\/chat needs a key/,
  );
});
