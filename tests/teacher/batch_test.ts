import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { batchChat as overBatches } from "../../lib/model/batch/batch_chat.ts";
import { openaiBatches } from "../../lib/model/openai/openai_batches.ts";
import type { ChatRequest } from "../../lib/model/chat_model.ts";
import {
  type BatchCall,
  type BatchFault,
  type ScriptedProvider,
  startScriptedProvider,
} from "./scripted_provider.ts";
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

/** Waits are a hundred times as short by any clock. */
const batchContext = (overrides: Parameters<typeof quickContext>[0] = {}) =>
  quickContext({
    monotonic: () => performance.now() * 100,
    sleep: (ms, signal) => wait(ms / 100, signal),
    ...overrides,
  });

function batchChat(provider: ScriptedProvider, folder: string, more: object = {}) {
  const stop = new AbortController();
  const reached = { model: "gpt-4.1-mini", apiKey: MARKED_KEY, baseUrls: [provider.url] };
  const model = overBatches(openaiBatches({ ...reached, api: "responses" }), {
    ...reached,
    folder,
    signal: stop.signal,
    sleep: (ms, signal) => wait(Math.min(ms, 20), signal),
    monotonic: () => performance.now() * 100,
    gatherMs: 2_000,
    pollMs: 2_000,
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
    const { context } = batchContext();
    const prompts = await writePrompts(folder, 90);
    const out = join(folder, "out");
    const { manifest } = await sampleTeacher({
      prompts,
      model: "openai/gpt-4.1-mini",
      out,
      baseUrl: [provider.url],
      batch: true,
    }, { context });
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
    const { context } = batchContext({ signal: stop.signal, log });
    const prompts = await writePrompts(folder, 40);
    const options = {
      prompts,
      model: "openai/gpt-4.1-mini",
      out: join(folder, "out"),
      baseUrl: [provider.url],
      batch: true,
    };
    await assert.rejects(sampleTeacher(options, { context }), /SIGINT/);
    assert.equal(provider.stats.batches, 1);
    const { manifest } = await sampleTeacher(options, { context: batchContext().context });
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
    const log = join(folder, "jobs.jsonl");
    while (!(await Deno.readTextFile(log)).includes('"created"')) await wait(5);
    first.stop.abort(new DOMException("killed", "AbortError"));
    await assert.rejects(waiting, /killed/);
    await first.model.close();
    const events = (await Deno.readTextFile(log)).trim().split("\n");
    assert.deepEqual(events.map((line) => JSON.parse(line).event), [
      "planned",
      "uploaded",
      "creating",
      "created",
    ]);
    for (const kept of [3, 4]) {
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
    await assert.rejects(reply, { name: "RunError", message: /invalid_model No such model/ });
    await model.close();
    await provider.close();
  }));

Deno.test("batches are for OpenAI and for Gemini by its newer SDK, and said so", () =>
  inFolder(async (folder) => {
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 1);
    const options = { prompts, out: join(folder, "out"), batch: true };
    await assert.rejects(
      sampleTeacher({ ...options, model: "vllm/x", baseUrl: ["http://127.0.0.1:1"] }, { context }),
      { name: "InputError", message: /--batch: vllm\/x has no batches/ },
    );
    await assert.rejects(
      sampleTeacher({ ...options, model: "gemini/x", geminiSdk: "generative-ai" }, { context }),
      { name: "InputError", message: /--gemini-sdk genai/ },
    );
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

const runOptions = async (folder: string, provider: ScriptedProvider, count: number) => ({
  prompts: await writePrompts(folder, count),
  model: "openai/gpt-4.1-mini",
  out: join(folder, "out"),
  baseUrl: [provider.url],
  batch: true,
});

const lost: [string, BatchFault][] = [
  ["500", { status: 500, after: true }],
  ["a reset", { reset: true, after: true }],
  ["504", { status: 504, after: true }],
];
for (const [name, fault] of lost) {
  Deno.test(`the answer to "create batch" is lost to ${name}: it is looked for until lists show it, never made again (35)`, () =>
    inFolder(async (folder) => {
      const batchFault = (call: BatchCall, nth: number) =>
        call === "create" && nth === 0 ? fault : undefined;
      const provider = await startScriptedProvider({ batchFault, listLag: 3 });
      const { manifest } = await sampleTeacher(
        await runOptions(folder, provider, 30),
        { context: batchContext().context },
      );
      await provider.close();
      assert.equal(manifest.counts.kept, 30);
      assert.deepEqual([provider.stats.batches, provider.stats.billed], [1, 30]);
    }));
}

Deno.test("a batch that was not made at all is made after lists have had their time (35)", () =>
  inFolder(async (folder) => {
    const batchFault = (call: BatchCall, nth: number) =>
      call === "create" && nth === 0 ? { status: 502 } : undefined;
    const provider = await startScriptedProvider({ batchFault });
    const options = await runOptions(folder, provider, 5);
    const { manifest } = await sampleTeacher(
      options,
      { context: batchContext().context },
    );
    await provider.close();
    assert.deepEqual([manifest.counts.kept, provider.stats.batches], [5, 1]);
  }));

Deno.test("a batch on its way binds its OUT: other options and live requests are refused (36)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const stop = new AbortController();
    const log = (line: string) => {
      if (/requests sent/.test(line)) stop.abort(new DOMException("SIGINT", "AbortError"));
    };
    const options = await runOptions(folder, provider, 20);
    const first = batchContext({ signal: stop.signal, log });
    await assert.rejects(sampleTeacher(options, { context: first.context }), /SIGINT/);
    const refused = async (more: object, says: RegExp) => {
      const run = sampleTeacher({ ...options, ...more }, { context: batchContext().context });
      await assert.rejects(run, (error: Error) => {
        assert.equal(error.name, "InputError");
        assert.match(error.message, says);
        return true;
      });
    };
    await refused(
      { temperature: 0.2 },
      /batch batch_1 with temperature 0.7 \(now 0.2\) is on its way/,
    );
    await refused({ maxTokens: 64, seed: 1 }, /maxTokens 4096 \(now 64\), seed 42 \(now 1\)/);
    await refused({ batch: false }, /batch batch_1 is on its way: --batch fetches it/);
    assert.equal(provider.stats.batches, 1);
    const { manifest } = await sampleTeacher(options, { context: batchContext().context });
    await provider.close();
    assert.deepEqual([manifest.counts.kept, provider.stats.batches], [20, 1]);
  }));

Deno.test("a batch is found behind 1,500 newer ones (36)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      batchFault: (call, nth) =>
        call === "create" && nth === 0 ? { reset: true, after: true } : undefined,
      listLag: 1,
    });
    const { model } = batchChat(provider, folder);
    const reply = model.reply(request("a"));
    while (provider.batches.size === 0) await wait(2);
    for (let i = 0; i < 1_500; i++) {
      const id = `other_${i}`;
      provider.batches.set(id, { id, created_at: Math.floor(Date.now() / 1000), lines: [] });
    }
    assert.match((await reply).text, /<response>/);
    await model.close();
    await provider.close();
    assert.equal(provider.stats.batches, 1);
  }));

for (const call of ["upload", "create", "poll"] as const) {
  for (const status of [400, 413]) {
    Deno.test(`${status} on ${call} is said of the job, not of its prompts, and the same command goes on (37)`, () =>
      inFolder(async (folder) => {
        let wrong = true;
        const provider = await startScriptedProvider({
          batchFault: (each) => wrong && each === call ? { status } : undefined,
        });
        const options = await runOptions(folder, provider, 25);
        await assert.rejects(
          sampleTeacher(options, { context: batchContext().context }),
          (error: Error) => {
            assert.equal(error.name, "RunError");
            assert.match(error.message, new RegExp(`cannot ${call}: openai: ${status}`));
            return true;
          },
        );
        assert.deepEqual(await jsonLines(join(options.out, "rejects", PART)), []);
        wrong = false;
        const { manifest } = await sampleTeacher(options, { context: batchContext().context });
        await provider.close();
        assert.deepEqual([manifest.counts.kept, manifest.counts.rejected], [25, 0]);
        assert.deepEqual([provider.stats.batches, provider.stats.billed], [1, 25]);
      }));
  }
}

Deno.test("a download that breaks off is made again, for what it lacked (19)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      batchFault: (call, nth) => call === "content" && nth < 2 ? { cut: true } : undefined,
    });
    const options = await runOptions(folder, provider, 60);
    const { manifest } = await sampleTeacher(options, { context: batchContext().context });
    await provider.close();
    assert.deepEqual([manifest.counts.kept, manifest.failed.length], [60, 0]);
    assert.deepEqual([provider.stats.batches, provider.stats.billed], [1, 60]);
  }));

Deno.test("a poll that hangs is given up and made again (43)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      batchFault: (call, nth) => call === "poll" && nth === 0 ? { hang: true } : undefined,
    });
    const options = { ...await runOptions(folder, provider, 5), timeout: 0.5 };
    const { manifest } = await sampleTeacher(options, { context: batchContext().context });
    await provider.close();
    assert.deepEqual([manifest.counts.kept, provider.stats.batches], [5, 1]);
  }));

Deno.test("a batch that the user cancelled is not sent again until the same command is given (43)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const log = (line: string) => {
      if (!/requests sent/.test(line)) return;
      const first = [...provider.batches.values()][0]!;
      if (provider.batches.size === 1) first.status = "cancelled";
    };
    const options = await runOptions(folder, provider, 10);
    await assert.rejects(sampleTeacher(options, { context: batchContext({ log }).context }), {
      name: "RunError",
      message:
        /batch_1 was cancelled at the provider: 10 of its prompts have no reply and stay pending/,
    });
    assert.equal(provider.stats.batches, 1);
    const { manifest } = await sampleTeacher(options, { context: batchContext().context });
    await provider.close();
    assert.deepEqual([manifest.counts.kept, provider.stats.batches], [10, 2]);
  }));

Deno.test("parameters that a model refuses are left out of the next batch (16)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ refuseParameters: ["temperature", "top_p"] });
    const { context, lines } = batchContext();
    const { manifest } = await sampleTeacher(await runOptions(folder, provider, 30), { context });
    await provider.close();
    assert.deepEqual([manifest.counts.kept, manifest.counts.rejected], [30, 0]);
    assert.deepEqual([provider.stats.batches, provider.stats.billed], [3, 30]);
    assert.equal(lines.filter((line) => /takes no temperature/.test(line)).length, 1);
  }));

Deno.test("jobs that an earlier process planned and never sent become no empty batch (17)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const planned = (job: string, ids: string[]) =>
      `${JSON.stringify({ event: "planned", job, ids })}\n`;
    const log = planned("job-1", ["gone"]) + planned("job-2", ["also gone"]);
    await Deno.writeTextFile(join(folder, "jobs.jsonl"), log);
    const { model } = batchChat(provider, folder);
    assert.match((await model.reply(request("a"))).text, /<response>/);
    await model.close();
    await provider.close();
    assert.deepEqual([provider.stats.batches, provider.stats.batchLines], [1, 1]);
  }));
