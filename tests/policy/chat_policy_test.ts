/** A policy behind a chat API, before a provider that keeps its own count and fails on purpose. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError, LimitReached } from "../../lib/core/errors.ts";
import { estimatePolicy, samplePolicy } from "../../lib/policy/stage.ts";
import { readChatReply } from "../../lib/reply/chat_reply.ts";
import { inFolder, jsonLines, quickContext, wait, writePrompts } from "../teacher/run_teacher.ts";
import { startScriptedProvider } from "../teacher/scripted_provider.ts";

const PART = "part-00000-of-00001.jsonl";
type Replies = { text: string; thought: string | null; answer: string | null; malformed: string }[];

for (const model of ["openai/gpt-4.1-mini", "gemini/gemini-2.5-flash"]) {
  Deno.test(`amid faults, ${model} gives n replies a prompt, each paid for about once`, () =>
    inFolder(async (folder) => {
      const faults = { rateLimit: 0.05, serverError: 0.03, reset: 0.006 };
      const provider = await startScriptedProvider({
        latencyMs: 5,
        faults,
        replyText: (prompt) => `An answer to: ${prompt.split("\n")[0]}`,
      });
      const { context } = quickContext();
      const out = join(folder, "out"), prompts = await writePrompts(folder, 40);
      const options = { prompts, model, out, n: 4, baseUrl: [provider.url], api: "chat" as const };
      const { manifest } = await samplePolicy(options, { context });
      await provider.close();
      assert.deepEqual([manifest.counts.kept, manifest.counts.pending], [40, 0]);
      const records = await jsonLines(join(out, "records", PART));
      for (const { format, responses } of records) {
        assert.equal(format, "chat");
        assert.equal((responses as Replies).length, 4);
        assert.ok((responses as Replies).every(({ answer }) => answer?.startsWith("An answer to")));
      }
      const { billed, promptTokens, completionTokens } = provider.stats;
      // A reply is never asked for again because another of its prompt failed.
      assert.equal(billed, 160);
      assert.equal(manifest.tokens.replies, 160);
      assert.deepEqual([manifest.tokens.prompt, manifest.tokens.completion], [
        promptTokens,
        completionTokens,
      ]);
      const again = await samplePolicy(options, { context });
      assert.equal(again.worked, 0);
    }));
}

Deno.test("chat-think takes a plan in tags as the thought, and another format is refused", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      latencyMs: 1,
      replyText: () => "<think>Plan.</think><response>Reply.</response>",
    });
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 3), out = join(folder, "out");
    const options = {
      ...{ prompts, out, n: 2, baseUrl: [provider.url] },
      model: "openai/gpt-4.1-mini",
      format: "chat-think" as const,
      thinking: "simulated" as const,
    };
    await samplePolicy(options, { context });
    await provider.close();
    const [record] = await jsonLines(join(out, "records", PART));
    const [reply] = record!.responses as Replies;
    assert.equal(reply!.text, "<think>\nPlan.\n</think>\n\nReply.");
    assert.deepEqual([reply!.thought, reply!.answer], ["Plan.", "Reply."]);
    for (
      const [wrong, said] of [
        [{ format: "prompted-think" }, /chat or chat-think/],
        [{ tokenizer: "models/x" }, /--tokenizer/],
        [{ topK: 5 }, /--top-k/],
      ] as const
    ) {
      const refused = samplePolicy({ ...options, ...wrong }, { context });
      await assert.rejects(
        refused,
        (error) => error instanceof InputError && said.test(error.message),
      );
    }
  }));

Deno.test("the cap holds, an estimate sends nothing, and a run goes on under a higher cap", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      latencyMs: 2,
      replyText: () => "Yes. ".repeat(20),
    });
    const { context, lines } = quickContext();
    const options = {
      prompts: await writePrompts(folder, 60),
      ...{ out: join(folder, "out"), n: 4, baseUrl: [provider.url], maxTokens: 100 },
      model: "openai/gpt-4.1-mini",
    };
    const estimate = await estimatePolicy(options, { context });
    assert.equal(provider.stats.requests, 0);
    assert.equal(estimate.toAsk, 60);
    assert.equal(estimate.completionTokens, 60 * 4 * 100);
    await assert.rejects(
      samplePolicy({ ...options, maxCostUsd: 0.006 }, { context }),
      LimitReached,
    );
    const { promptTokens, completionTokens } = provider.stats;
    assert.ok((promptTokens * 0.4 + completionTokens * 1.6) / 1e6 <= 0.006);
    const measured = await estimatePolicy(options, { context });
    assert.ok(measured.toAsk < 60 && measured.basis === "measured");
    const { manifest } = await samplePolicy(options, { context });
    assert.equal(manifest.counts.kept, 60);
    // Of the prompt that the cap fell into, replies that were there are asked for again.
    const { billed } = provider.stats;
    assert.ok(billed >= 240 && billed < 240 + 16 * 4, String(billed));
    await provider.close();
    // A journal that was lost is made good from the records, for the cap to hold.
    await Deno.remove(join(options.out, "spend", PART));
    await samplePolicy(options, { context });
    const mended = await jsonLines(join(options.out, "spend", PART));
    assert.equal(mended.filter(({ id }) => id !== "").length, 240);
    assert.ok(
      lines.some((line) => /\d+ paid replies.* were put back/.test(line)),
      lines.join("\n"),
    );
  }));

Deno.test("replies come through the provider's batch, in one job for all of a prompt's replies", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ replyText: () => "Yes." });
    const { context } = quickContext({
      monotonic: () => performance.now() * 100,
      sleep: (ms, signal) => wait(ms / 100, signal),
    });
    const { manifest } = await samplePolicy({
      prompts: await writePrompts(folder, 5),
      ...{ out: join(folder, "out"), n: 3, baseUrl: [provider.url], api: "chat", batch: true },
      model: "openai/gpt-4.1-mini",
    }, { context });
    await provider.close();
    assert.equal(manifest.counts.kept, 5);
    assert.deepEqual([provider.stats.batches, provider.stats.batchLines], [1, 15]);
  }));

Deno.test("a provider's reasoning is the thought, wherever it stands; without one it is malformed", () => {
  const stop = { finishReason: "stop" } as const;
  const read = (text: string, reasoning: string | null = null) =>
    readChatReply("chat-think", { text, reasoning, ...stop }, "native");
  const parts = ({ thought, answer }: ReturnType<typeof read>) => [thought, answer];
  assert.deepEqual(parts(read("Hi.", "Greet.")), ["Greet.", "Hi."]);
  assert.deepEqual(parts(read("<think>Greet.</think>Hi.")), ["Greet.", "Hi."]);
  assert.deepEqual(parts(read("Greet.</think>Hi.")), ["Greet.", "Hi."]);
  assert.equal(read("Hi.").malformed, "missing_tag");
  const cut = { text: "", reasoning: "Gre", finishReason: "length" } as const;
  assert.equal(readChatReply("chat-think", cut, "native").malformed, "cut_by_length");
});
