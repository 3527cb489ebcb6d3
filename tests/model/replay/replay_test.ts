import assert from "node:assert/strict";
import { join } from "node:path";
import { ModelError } from "../../../lib/core/errors.ts";
import type { ChatModel, ChatRequest } from "../../../lib/model/chat_model.ts";
import type { CompletionRequest, TextModel } from "../../../lib/model/text_model.ts";
import { recordChat, recordText } from "../../../lib/model/replay/record.ts";
import { replayChat } from "../../../lib/model/replay/replay_chat.ts";
import { replayText } from "../../../lib/model/replay/replay_text.ts";
import { inFolder } from "../../cli.ts";

const request = (id: string, fields: Partial<ChatRequest> = {}): ChatRequest => ({
  id,
  messages: [{ role: "user", content: `Question ${id} – «ü»` }],
  thinking: "simulated",
  maxTokens: 100,
  temperature: 1,
  topP: 1,
  seed: 1,
  attempt: 0,
  ...fields,
});

const teacher: ChatModel = {
  name: "scripted-1",
  promptsForTags: false,
  concurrency: 4,
  reply(request) {
    if (request.id === "busy") return Promise.reject(new ModelError("retry", "busy"));
    if (request.id === "blocked") {
      return Promise.reject(new ModelError("reject", "no", { reason: "prompt_blocked" }));
    }
    return Promise.resolve({
      text: `${request.id}, attempt ${request.attempt} 😀`,
      reasoning: null,
      finishReason: "stop" as const,
      finishReasonRaw: "completed",
      usage: { prompt_tokens: 3, completion_tokens: 5, reasoning_tokens: 0 },
    });
  },
  close: () => Promise.resolve(),
};

Deno.test("a recorded teacher is served again, request by request, with its name and refusals", () =>
  inFolder(async (folder) => {
    const file = join(folder, "recording.jsonl");
    const recording = await recordChat(teacher, file);
    const first = await recording.reply(request("a"));
    await recording.reply(request("a", { attempt: 1 }));
    await assert.rejects(recording.reply(request("blocked")));
    await assert.rejects(recording.reply(request("busy")));
    await recording.close();
    const again = await recordChat(teacher, file);
    await again.reply(request("b"));
    await again.close();

    const replay = await replayChat(file);
    assert.equal(replay.name, "scripted-1");
    assert.equal(replay.promptsForTags, false);
    assert.deepEqual(await replay.reply(request("a")), first);
    assert.match((await replay.reply(request("a", { attempt: 1 }))).text, /attempt 1 😀$/);
    assert.match((await replay.reply(request("b"))).text, /^b,/);
    await assert.rejects(replay.reply(request("blocked")), { reason: "prompt_blocked" });
    await assert.rejects(replay.reply(request("busy")), { reason: "not_recorded", kind: "reject" });
    await assert.rejects(replay.reply(request("a", { temperature: 0 })), {
      reason: "not_recorded",
    });
    await replay.close();
  }));

Deno.test("a recording that a crash cut is served up to there, and continued", () =>
  inFolder(async (folder) => {
    const file = join(folder, "recording.jsonl");
    const recording = await recordChat(teacher, file);
    await recording.reply(request("a"));
    await recording.reply(request("b"));
    await recording.close();
    const whole = await Deno.readFile(file);
    await Deno.writeFile(file, whole.subarray(0, whole.length - 9));
    const cut = await replayChat(file);
    assert.match((await cut.reply(request("a"))).text, /^a,/);
    await assert.rejects(cut.reply(request("b")), { reason: "not_recorded" });
    await cut.close();
    const again = await recordChat(teacher, file);
    await again.reply(request("b"));
    await again.close();
    assert.deepEqual(await Deno.readFile(file), whole);
  }));

Deno.test("a file that is no recording is never written to", () =>
  inFolder(async (folder) => {
    const file = join(folder, "prompts.json");
    await Deno.writeTextFile(file, '[{"prompt":"mine"}]');
    await assert.rejects(recordChat(teacher, file), /no recording of scripted-1/);
    assert.equal(await Deno.readTextFile(file), '[{"prompt":"mine"}]');
    await assert.rejects(replayChat(file), /prompts\.json:1: neither a recording/);
  }));

Deno.test("an earlier teacher run is replayed by prompt id in the form that is asked for", () =>
  inFolder(async (folder) => {
    const file = join(folder, "records.jsonl");
    const record = {
      id: 'x"1',
      source: "s",
      messages: [{ role: "user", content: "Hi" }],
      thought: "Greet.",
      response: "Hello!",
      model: "gpt-x",
      finish_reason: "stop",
      usage: { prompt_tokens: 1, completion_tokens: 2, reasoning_tokens: 0 },
    };
    await Deno.writeTextFile(file, `\n${JSON.stringify(record)}\n`);
    const replay = await replayChat(file);
    const ask = (thinking: ChatRequest["thinking"]) => replay.reply(request('x"1', { thinking }));
    assert.equal(
      (await ask("simulated")).text,
      "<think> Greet. </think>\n<response> Hello! </response>",
    );
    assert.equal((await ask("structured")).text, '{"plan":"Greet.","reply":"Hello!"}');
    const native = await ask("native");
    assert.deepEqual([native.text, native.reasoning], ["Hello!", "Greet."]);
    assert.equal((await ask("none")).text, "Hello!");
    assert.equal(replay.name, "gpt-x");
    await assert.rejects(replayText(file), /holds teacher records/);
    await replay.close();
  }));

const completionRequest = (id: string, n: number): CompletionRequest => ({
  id,
  prompt: `<s>${id}`,
  n,
  maxTokens: 10,
  temperature: 1,
  topP: 1,
  topK: 0,
  stop: [],
  includeStop: false,
  seed: 1,
});

Deno.test("an earlier policy run is replayed by prompt id and index", () =>
  inFolder(async (folder) => {
    const file = join(folder, "records.jsonl");
    const reply = (index: number) => ({
      index,
      text: ` text ${index}`,
      thought: null,
      answer: null,
      malformed: "missing_tag",
      finish_reason: index === 1 ? "length" : "stop",
      completion_tokens: 4 + index,
    });
    const record = {
      id: "p",
      source: "s",
      prompt: [{ role: "user", content: "Hi" }],
      format: "chat",
      model: "policy-x",
      responses: [reply(1), reply(0), reply(2)],
    };
    await Deno.writeTextFile(file, `${JSON.stringify(record)}\n`);
    const replay = await replayText(file);
    assert.deepEqual(await replay.complete(completionRequest("p", 2)), [
      { text: " text 0", finishReason: "stop", completionTokens: 4 },
      { text: " text 1", finishReason: "length", completionTokens: 5 },
    ]);
    await assert.rejects(replay.complete(completionRequest("p", 4)), /holds 3 of 4 replies/);
    await assert.rejects(replay.complete(completionRequest("q", 1)), { reason: "not_recorded" });
    await replay.close();
  }));

Deno.test("a recorded policy is served again", () =>
  inFolder(async (folder) => {
    const file = join(folder, "recording.jsonl");
    const policy: TextModel = {
      name: "policy-x",
      concurrency: 1,
      complete: ({ id, n }) =>
        Promise.resolve(Array.from({ length: n }, (_, index) => ({
          text: `${id} ${index}`,
          finishReason: "stop" as const,
          completionTokens: index,
        }))),
      close: () => Promise.resolve(),
    };
    const recording = await recordText(policy, file);
    const replies = await recording.complete(completionRequest("p", 3));
    await recording.close();
    const replay = await replayText(file);
    assert.deepEqual(await replay.complete(completionRequest("p", 3)), replies);
    await replay.close();
  }));

Deno.test("an index of 20,000 records holds none of their texts", () =>
  inFolder(async (folder) => {
    const file = join(folder, "records.jsonl");
    const long = "x".repeat(4000);
    const handle = await Deno.open(file, { write: true, create: true });
    const encoder = new TextEncoder();
    for (let i = 0; i < 20_000; i++) {
      handle.writeSync(encoder.encode(
        `{"id":"p${i}","source":"s","messages":[{"role":"user","content":"q"}],"thought":null,` +
          `"response":"${i} ${long}","model":"m","finish_reason":"stop",` +
          `"usage":{"prompt_tokens":1,"completion_tokens":1,"reasoning_tokens":0}}\n`,
      ));
    }
    handle.close();
    const before = Deno.memoryUsage();
    const replay = await replayChat(file);
    const after = Deno.memoryUsage();
    assert.match((await replay.reply(request("p19999", { thinking: "none" }))).text, /^19999 x/);
    const grown = after.heapUsed + after.external - before.heapUsed - before.external;
    // Garbage of reading may be among it; the texts alone would be 80 MB.
    assert.ok(grown < 75e6, `${grown} bytes for 80 MB of text`);
    await replay.close();
  }));
