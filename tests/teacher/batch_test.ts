import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleTeacher } from "../../lib/teacher/sample_teacher.ts";
import { openaiBatchChat } from "../../lib/model/openai/batch/batch_chat.ts";
import type { ChatRequest } from "../../lib/model/chat_model.ts";
import { type ScriptedProvider, startScriptedProvider } from "./scripted_provider.ts";
import {
  inFolder,
  jsonLines,
  MARKED_KEY,
  quickContext,
  wait,
  writePrompts,
} from "./run_teacher.ts";

const PART = "part-00000-of-00001.jsonl";

const request = (id: string, attempt = 0): ChatRequest => ({
  id,
  messages: [{ role: "user", content: `Question ${id}` }],
  thinking: "simulated",
  maxTokens: 100,
  temperature: 1,
  topP: 1,
  seed: 1,
  attempt,
});

function batchChat(provider: ScriptedProvider, folder: string, more: object = {}) {
  const stop = new AbortController();
  const model = openaiBatchChat({
    model: "gpt-4.1-mini",
    apiKey: MARKED_KEY,
    baseUrls: [provider.url],
    api: "responses",
    folder,
    signal: stop.signal,
    sleep: (ms, signal) => wait(Math.min(ms, 20), signal),
    gatherMs: 20,
    pollMs: 20,
    ...more,
  });
  return { model, stop };
}

Deno.test("a run through batches keeps every prompt, asks again what was malformed, and pays the batch price", () =>
  inFolder(async (folder) => {
    const asked = new Set<string>();
    const provider = await startScriptedProvider({
      replyText: (prompt) => {
        const first = !asked.has(prompt) && prompt.includes("number 7");
        asked.add(prompt);
        return first ? "no tags" : `<think>For ${prompt.length}.</think><response>Yes.</response>`;
      },
    });
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 90);
    const out = join(folder, "out");
    const { manifest } = await sampleTeacher({
      prompts,
      model: "openai/gpt-4.1-mini",
      out,
      baseUrl: [provider.url],
      batch: true,
    }, context);
    await provider.close();
    assert.equal(manifest.counts.kept, 90);
    assert.equal(provider.stats.batches, 2);
    assert.equal(provider.stats.batchLines, 101);
    const { promptTokens, completionTokens } = provider.stats;
    const full = (promptTokens * 0.4 + completionTokens * 1.6) / 1e6;
    assert.ok(Math.abs(manifest.cost! - full / 2) < 1e-9);
    const records = await jsonLines(join(out, "records", PART));
    for (const { id, usage } of records) {
      assert.ok((usage as { prompt_tokens: number }).prompt_tokens > 0, String(id));
    }
  }));

Deno.test("a stopped run's batch is fetched by the next run and never sent again", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const stop = new AbortController();
    const lines: string[] = [];
    const log = (line: string) => {
      lines.push(line);
      if (/requests sent/.test(line)) stop.abort(new DOMException("SIGINT", "AbortError"));
    };
    const { context } = quickContext({ signal: stop.signal, log });
    const prompts = await writePrompts(folder, 40);
    const options = {
      prompts,
      model: "openai/gpt-4.1-mini",
      out: join(folder, "out"),
      baseUrl: [provider.url],
      batch: true,
    };
    await assert.rejects(sampleTeacher(options, context), /SIGINT/);
    assert.equal(provider.stats.batches, 1);
    const { manifest } = await sampleTeacher(options, quickContext().context);
    await provider.close();
    assert.equal(manifest.counts.kept, 40);
    assert.deepEqual([provider.stats.batches, provider.stats.billed], [1, 40]);
  }));

Deno.test("a batch that was made just before a crash is found by its name, not made again", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const first = batchChat(provider, folder);
    const waiting = first.model.reply(request("a"));
    waiting.catch(() => {});
    while (provider.stats.batches === 0) await wait(5);
    first.stop.abort(new DOMException("killed", "AbortError"));
    await assert.rejects(waiting, /killed/);
    await first.model.close();
    const log = join(folder, "jobs.jsonl");
    const events = (await Deno.readTextFile(log)).trim().split("\n");
    assert.deepEqual(events.map((line) => JSON.parse(line).event), [
      "planned",
      "uploaded",
      "created",
    ]);
    for (const kept of [1, 2]) {
      await Deno.writeTextFile(log, events.slice(0, kept).join("\n") + "\n");
      const next = batchChat(provider, folder);
      assert.match((await next.model.reply(request("a"))).text, /<response>/);
      await next.model.close();
      assert.equal(provider.stats.batches, 1, `after ${kept} events`);
    }
  }));

Deno.test("results are matched by custom id, and what expired is sent again alone", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      replyText: (prompt) => `<think>t</think><response>to ${prompt}</response>`,
    });
    const { model } = batchChat(provider, folder);
    const ids = ["a", "b", "c", "d", "e"];
    const replies = ids.map((id) => model.reply(request(id)));
    const settled = Promise.allSettled(replies);
    while (provider.batches.size === 0) await wait(2);
    [...provider.batches.values()][0]!.expire = true;
    const results = await settled;
    const failed: string[] = [];
    results.forEach((result, index) => {
      if (result.status === "rejected") {
        assert.equal(result.reason.kind, "retry");
        assert.match(result.reason.message, /batch_expired/);
        failed.push(ids[index]!);
      } else assert.match(result.value.text, new RegExp(`to Question ${ids[index]}<`));
    });
    assert.deepEqual(failed, ["d", "e"]);
    const again = await Promise.all(failed.map((id) => model.reply(request(id))));
    assert.match(again[0]!.text, /to Question d</);
    assert.deepEqual([provider.stats.batches, provider.stats.batchLines], [2, 7]);
    assert.deepEqual(provider.stats.byPrompt, {
      "Question a": 1,
      "Question b": 1,
      "Question c": 1,
      "Question d": 1,
      "Question e": 1,
    });
    await model.close();
    await provider.close();
  }));

Deno.test("requests are split over jobs by lines and by bytes", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const byLines = batchChat(provider, join(folder, "lines"), { maxLines: 3 });
    const ids = ["a", "b", "c", "d", "e", "f", "g"];
    await Promise.all(ids.map((id) => byLines.model.reply(request(id))));
    assert.deepEqual([provider.stats.batches, provider.stats.batchLines], [3, 7]);
    await byLines.model.close();
    const byBytes = batchChat(provider, join(folder, "bytes"), { maxBytes: 600 });
    await Promise.all(ids.map((id) => byBytes.model.reply(request(id))));
    assert.ok(provider.stats.batches >= 3 + 3, String(provider.stats.batches));
    assert.equal(provider.stats.batchLines, 14);
    await byBytes.model.close();
    await provider.close();
  }));

Deno.test("a batch that the provider refuses as a whole ends the run with its words", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const { model } = batchChat(provider, folder);
    const reply = model.reply(request("a"));
    reply.catch(() => {});
    while (provider.batches.size === 0) await wait(2);
    Object.assign([...provider.batches.values()][0]!, {
      status: "failed",
      errors: { object: "list", data: [{ code: "invalid_model", message: "No such model." }] },
    });
    await assert.rejects(reply, { kind: "fatal", message: /invalid_model No such model/ });
    await model.close();
    await provider.close();
  }));

Deno.test("batches are for OpenAI alone, and said so", () =>
  inFolder(async (folder) => {
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 1);
    const options = { prompts, model: "gemini/gemini-2.5-flash", out: join(folder, "out") };
    await assert.rejects(sampleTeacher({ ...options, batch: true }, context), {
      name: "InputError",
      message: /--batch is for openai/,
    });
  }));

Deno.test("a key that a batch's reply repeats is not passed on", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      replyText: () => `<think>Key ${MARKED_KEY}.</think><response>${MARKED_KEY}</response>`,
    });
    const { model } = batchChat(provider, folder);
    const { text } = await model.reply(request("a"));
    await model.close();
    await provider.close();
    assert.equal(text, "<think>Key [key].</think><response>[key]</response>");
  }));
