/** Real SDKs against a provider that others wrote: llmock, which judges how its client behaved. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { freePort } from "../free_port.ts";
import { python } from "../python.ts";
import { inFolder, MARKED_KEY, wait, writePrompts } from "./run_teacher.ts";

const TAGGED = "<think>\nA plan.\nIt has two lines.\n</think>\n<response>\nA reply.\n</response>";

async function withLlmock(flags: string[], test: (url: string) => Promise<void>): Promise<void> {
  const port = freePort();
  const llmock = join(dirname(await python("llmock")), "llmock");
  const args = ["serve", "-h", "127.0.0.1", "-p", String(port), "--log-level", "error", ...flags];
  const server = new Deno.Command(llmock, { args, stdout: "null", stderr: "null" }).spawn();
  const url = `http://127.0.0.1:${port}`;
  try {
    for (let tries = 0;; tries++) {
      const answer = await fetch(`${url}/_llmock/requests`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) break;
      assert.ok(tries < 300, "llmock does not start");
      await wait(100);
    }
    await test(url);
  } finally {
    server.kill("SIGTERM");
    await server.status;
  }
}

async function script(url: string, behaviors: object[]): Promise<void> {
  const body = JSON.stringify({ behaviors });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/_llmock/scenario`, { method: "POST", body, headers });
  assert.ok(answer.ok, await answer.text());
}

async function verdict(url: string): Promise<Record<string, unknown>> {
  return await (await fetch(`${url}/_llmock/verdict`)).json();
}

const context = {
  env: (name: string) => name.endsWith("_API_KEY") ? MARKED_KEY : undefined,
  log: () => {},
};

const routes = [
  { model: "openai/gpt-4.1-mini", api: "responses" as const, path: "" },
  { model: "openai/gpt-4.1-mini", api: "chat" as const, path: "" },
  { model: "gemini/gemini-2.5-flash", api: undefined, path: "/gemini" },
];
for (const { model, api, path } of routes) {
  Deno.test(`llmock finds no fault with ${model} ${api ?? ""} amid 429, 500 and 503`, () =>
    inFolder((folder) =>
      withLlmock([], async (url) => {
        await script(url, [
          { type: "reply", text: TAGGED, times: null },
          { type: "fail", status: 429, retry_after: 1, times: 2 },
          { type: "fail", status: 500, times: 1 },
          { type: "fail", status: 503, times: 1 },
        ]);
        const { manifest } = await sampleTeacher({
          prompts: await writePrompts(folder, 12),
          model,
          api,
          out: join(folder, "out"),
          baseUrl: [`${url}${path}`],
          concurrency: 4,
        }, { context });
        assert.equal(manifest.counts.kept, 12);
        assert.ok(manifest.tokens.prompt! > 0 && manifest.tokens.completion! > 0);
        const judged = await verdict(url);
        assert.deepEqual(judged.findings, [], JSON.stringify(judged));
      })
    ));
}

Deno.test("llmock's requests a minute are kept to by its headers alone", () =>
  inFolder((folder) =>
    withLlmock(["--rpm", "600"], async (url) => {
      await script(url, [{ type: "reply", text: TAGGED, times: null }]);
      const { manifest } = await sampleTeacher({
        prompts: await writePrompts(folder, 40),
        model: "openai/gpt-4.1-mini",
        out: join(folder, "out"),
        baseUrl: [url],
      }, { context });
      assert.equal(manifest.counts.kept, 40);
      assert.equal((await verdict(url)).passed, true);
    })
  ));

Deno.test("a batch through llmock is uploaded, awaited and matched", () =>
  inFolder((folder) =>
    withLlmock([], async (url) => {
      const { manifest } = await sampleTeacher({
        prompts: await writePrompts(folder, 15),
        model: "openai/gpt-4.1-mini",
        thinking: "none",
        out: join(folder, "out"),
        baseUrl: [url],
        batch: true,
      }, {
        context: {
          ...context,
          monotonic: () => performance.now() * 20,
          sleep: (ms, signal) => wait(ms / 20, signal),
        },
      });
      assert.equal(manifest.counts.kept, 15);
    })
  ));
