/** Prompts with tools through the stages that ask models and give rewards. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readPolicyRecords, readTeacherRecords } from "../../lib/io/records/read_records.ts";
import type { ChatModel, ChatRequest } from "../../lib/model/chat_model.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { inFolder, quiet, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";
import { toolPrompt, toolRows, WEATHER } from "./tool_chats.ts";

const plain = toolRows[0]!;
const rows = [plain, { id: "asks", messages: toolPrompt, tools: [WEATHER] }];

/** ChatML that writes tools and their calls. */
const WITH_TOOLS = "{{ bos_token }}{% if tools %}{{ tools | tojson }}\n{% endif %}" +
  "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}" +
  "{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

Deno.test(
  "A policy's template is given tools; one that knows none rejects the prompt, and rewards likewise",
  inFolder(async (folder) => {
    const prompts = await writeLines(join(folder, "prompts.jsonl"), rows);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"), { template: WITH_TOOLS });
    const common = { prompts, model: "embedded", n: 1, maxTokens: 4, format: "chat" as const };
    const record = join(folder, "requests.jsonl"), out = join(folder, "told");
    await samplePolicy({ ...common, tokenizer, record, out }, { context: quiet });
    const records = await Array.fromAsync(readPolicyRecords(out));
    assert.deepEqual(records.map(({ id, tools }) => [id, tools]), [["plain", undefined], ["asks", [
      WEATHER,
    ]]]);
    assert.equal(records[1]!.prompt[2]!.tool_calls?.[0]?.function.name, "get_weather");
    const asked = (await Deno.readTextFile(record)).split("\n").filter((line) =>
      line.includes("A city: Köln") && line.includes("call_1")
    );
    assert.equal(asked.length, 1);

    const other = { ...common, format: "prompted-nothink" as const, out: join(folder, "untold") };
    const untold = await samplePolicy(other, { context: quiet });
    const { kept, rejected_by_reason } = untold.manifest.counts;
    assert.deepEqual([kept, rejected_by_reason], [1, { template_error: 1 }]);

    const finished = records.map((each) => ({
      ...each,
      responses: each.responses.map((reply) => (
        { ...reply, answer: "Warm.", malformed: null, finish_reason: "stop" }
      )),
    }));
    const replies = await writeLines(join(folder, "replies.jsonl"), finished);
    const scored = await scoreResponses({
      in: replies,
      rewardModel: "embedded",
      out: join(folder, "scored"),
    }, { context: quiet });
    assert.deepEqual(scored.manifest.counts.rejected_by_reason, { template_error: 1 });
    assert.equal(scored.manifest.counts.kept, 1);
  }),
);

Deno.test(
  "A teacher that takes tools is told of them; one that does not rejects the prompt by name",
  inFolder(async (folder) => {
    const prompts = await writeLines(join(folder, "prompts.jsonl"), rows);
    const requests: ChatRequest[] = [];
    const teacher = (takesTools: boolean): ChatModel => ({
      name: "scripted",
      version: "1",
      promptsForTags: false,
      takesTools,
      concurrency: 1,
      reply(request) {
        requests.push(request);
        const usage = { prompt_tokens: 1, completion_tokens: 1, reasoning_tokens: 0 };
        const text = "It is warmer in the second one.";
        const ended = { finishReason: "stop" as const, finishReasonRaw: "stop" };
        return Promise.resolve({ text, reasoning: null, ...ended, usage });
      },
      close: () => Promise.resolve(),
    });
    const options = { prompts, model: "openai/scripted", thinking: "none" as const };
    await sampleTeacher({ ...options, out: join(folder, "told") }, {
      context: quiet,
      model: teacher(true),
    });
    assert.deepEqual(requests.map(({ tools }) => tools), [undefined, [WEATHER]]);
    const records = await Array.fromAsync(readTeacherRecords(join(folder, "told")));
    assert.deepEqual(records.map(({ tools }) => tools), [undefined, [WEATHER]]);
    assert.equal(records[1]!.messages.at(-1)!.role, "tool");
    const untold = await sampleTeacher(
      { ...options, out: join(folder, "untold") },
      { context: quiet, model: teacher(false) },
    );
    const { kept, rejected_by_reason } = untold.manifest.counts;
    assert.deepEqual([kept, rejected_by_reason], [1, { tools_not_taken: 1 }]);
  }),
);
