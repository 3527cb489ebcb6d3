/** Gemini's batches through the real SDK, against its documented addresses and bodies. */
import assert from "node:assert/strict";
import { batchChat } from "../../../lib/model/batch/batch_chat.ts";
import { geminiBatches } from "../../../lib/model/gemini/gemini_batches.ts";
import { geminiRequest } from "../../../lib/model/gemini/translate.ts";
import { loadPrices, priceOf } from "../../../lib/model/prices/price_table.ts";
import { sampleTeacher } from "../../../lib/teacher/stage.ts";
import type { ModelError } from "../../../lib/core/errors.ts";
import { chatRequest } from "../fixture.ts";

const KEY = "AIza-secret-key";
const HOST = "https://generativelanguage.googleapis.com";

interface Operation {
  name: string;
  metadata: { displayName: string; state: string; createTime: string; output?: object };
}

/** The File API's resumable upload, batchGenerateContent, operations and downloads, in memory. */
function provider(more: { createLost?: boolean } = {}) {
  const files = new Map<string, string>();
  const operations: Operation[] = [];
  const seen: string[] = [];
  let lost = more.createLost ?? false;
  const send: typeof fetch = async (input, init) => {
    const url = new URL(new Request(input).url);
    const method = init?.method ?? "GET";
    const headers = new Headers(init?.headers);
    assert.equal(headers.get("x-goog-api-key"), KEY);
    assert.equal(init?.redirect, "manual");
    seen.push(`${method} ${url.pathname}`);
    const json = (body: unknown, extra: HeadersInit = {}) =>
      Response.json(body, { headers: extra });
    if (url.pathname === "/upload/v1beta/files") {
      assert.equal(headers.get("x-goog-upload-protocol"), "resumable");
      return json({}, { "x-goog-upload-url": `${HOST}/upload/here?upload_id=1` });
    }
    if (url.pathname === "/upload/here") {
      const name = `files/${files.size + 1}`;
      files.set(name, await new Response(init?.body as Blob).text());
      return json({ file: { name } }, { "x-goog-upload-status": "final" });
    }
    if (url.pathname === "/v1beta/models/gemini-3.8-flash:batchGenerateContent") {
      const { batch } = JSON.parse(String(init!.body));
      const lines = files.get(batch.inputConfig.fileName)!.trim().split("\n");
      const results = `files/${files.size + 1}`;
      files.set(results, lines.map((line, at) => resultOf(JSON.parse(line), at)).join("\n"));
      const metadata = { displayName: batch.displayName, state: "BATCH_STATE_PENDING" };
      const createTime = new Date().toISOString();
      operations.unshift({ name: "batches/b1", metadata: { ...metadata, createTime } });
      Object.assign(operations[0]!.metadata, { output: { responsesFile: results } });
      if (!lost) return json(operations[0]);
      lost = false;
      return new Response("upstream is away", { status: 503 });
    }
    if (url.pathname === "/v1beta/batches") return json({ operations });
    if (url.pathname === "/v1beta/batches/b1") {
      const { metadata } = operations[0]!;
      const answer = json(operations[0]);
      metadata.state = "BATCH_STATE_SUCCEEDED";
      return answer;
    }
    const download = /^\/download\/v1beta\/(files\/\d+):download$/.exec(url.pathname);
    if (download) return new Response(files.get(download[1]!));
    return new Response("no such route", { status: 404 });
  };
  return { send, files, operations, seen };
}

function resultOf({ key, request }: { key: string; request: { contents: object[] } }, at: number) {
  if (at === 2) return JSON.stringify({ key, error: { code: 3, message: "Unsafe." } });
  if (at === 3) return JSON.stringify({ key, error: { code: 13, message: "Internal." } });
  const text = `reply ${at} of ${request.contents.length}`;
  const candidates = [{ finishReason: "STOP", content: { role: "model", parts: [{ text }] } }];
  const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 3 };
  return JSON.stringify({ key, response: { candidates, usageMetadata } });
}

for (const createLost of [false, true]) {
  Deno.test(`Gemini's batches are uploaded, made once and matched by key${createLost ? ", a lost answer among them" : ""}`, async () => {
    const folder = await Deno.makeTempDir();
    const { send, files, operations, seen } = provider({ createLost });
    let clock = 0;
    const reached = { model: "models/gemini-3.8-flash", apiKey: KEY };
    const model = batchChat(geminiBatches({ ...reached, fetch: send }), {
      ...reached,
      folder,
      signal: new AbortController().signal,
      monotonic: () => clock,
      sleep: async (ms) => {
        await new Promise((resolve) => setTimeout(resolve));
        clock += ms;
      },
    });
    try {
      const asked = ["a", "b", "c", "d"].map((id) => chatRequest({ id }));
      const replies = await Promise.allSettled(asked.map((request) => model.reply(request)));
      const [first, second, third, fourth] = replies;
      assert.equal(first?.status === "fulfilled" && first.value.text, "reply 0 of 3");
      assert.equal(second?.status === "fulfilled" && second.value.usage.prompt_tokens, 7);
      const refused = (third as PromiseRejectedResult).reason as ModelError;
      assert.deepEqual([refused.kind, refused.reason], ["reject", "bad_request"]);
      assert.equal((fourth as PromiseRejectedResult).reason.kind, "retry");
      assert.equal(operations.length, 1);
      assert.equal(seen.filter((call) => /GET .*\/batches$/.test(call)).length, createLost ? 1 : 0);
      const lines = files.get("files/1")!.trim().split("\n").map((line) => JSON.parse(line));
      const body = JSON.parse(JSON.stringify(geminiRequest(asked[0]!, "gemini-3.8-flash")));
      assert.deepEqual(lines[0].request, body);
    } finally {
      await model.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("a run through Gemini's batches keeps its prompts at the batch price", async () => {
  const folder = await Deno.makeTempDir();
  const { send, operations } = provider();
  try {
    const prompts = `${folder}/prompts.jsonl`;
    const rows = ["One?", "Two?"].map((prompt, at) => JSON.stringify({ id: `p${at}`, prompt }));
    await Deno.writeTextFile(prompts, rows.join("\n") + "\n");
    const { manifest } = await sampleTeacher({
      prompts,
      model: "gemini/gemini-3.8-flash",
      thinking: "none",
      batch: true,
      out: `${folder}/out`,
    }, {
      context: {
        fetch: send,
        env: (name) => name === "GEMINI_API_KEY" ? KEY : undefined,
        log: () => {},
        monotonic: () => performance.now() * 100,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 100)),
      },
    });
    assert.deepEqual([manifest.counts.kept, operations.length], [2, 1]);
    const { input, output, batch } = priceOf(loadPrices(), "gemini-3.8-flash")!;
    const full = 2 * (7 * input + 3 * output) / 1e6;
    assert.ok(Math.abs(manifest.cost! - full * batch!) < 1e-12);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
