/** A paid run whose replies are of no use is ended early, and says why and how to go on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { RunError } from "../../lib/core/errors.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { inFolder, quickContext, writePrompts } from "./run_teacher.ts";
import { type ScriptedProviderOptions, startScriptedProvider } from "./scripted_provider.ts";

const PROMPTS = 300;

async function sampled(
  folder: string,
  options: ScriptedProviderOptions,
  changes: Partial<Parameters<typeof sampleTeacher>[0]> = {},
  count = PROMPTS,
) {
  const provider = await startScriptedProvider(options);
  const { context } = quickContext({ progress: "plain" });
  const said: string[] = [];
  let error: unknown;
  try {
    await sampleTeacher({
      ...{ prompts: await writePrompts(folder, count), model: "openai/gpt-4.1-mini" },
      ...{ out: join(folder, "out"), baseUrl: [provider.url], attempts: 1, concurrency: 4 },
      ...changes,
    }, { context: { ...context, log: (line) => said.push(line) } });
  } catch (thrown) {
    error = thrown;
  } finally {
    await provider.close();
  }
  return { error, said, requests: provider.stats.requests };
}

Deno.test("a paid run of malformed replies ends after twenty, and goes on with --allow-malformed (42)", () =>
  inFolder(async (folder) => {
    const faults = { malformed: 1 };
    const first = await sampled(folder, { faults });
    assert.ok(first.error instanceof RunError, String(first.error));
    assert.match(
      first.error.message,
      /\d+ of 2\d prompts rejected \(100%: malformed 2\d\): stopped before more is paid for/,
    );
    assert.match(first.error.message, /--allow-malformed goes on, --retry-rejects/);
    assert.ok(first.requests < 60, `${first.requests} requests`);
    assert.match(first.said.findLast((line) => line.includes("stopped:"))!, /rejected \(malformed/);
    assert.match(
      first.said.find((line) => line.includes("stopped:"))!,
      /left: run the same command/,
    );
    const allowed = await sampled(folder, { faults }, { allowMalformed: true });
    assert.ok(allowed.error instanceof RunError);
    assert.match(allowed.error.message, /nothing was kept: all 300 prompts were rejected/);
    const retried = await sampled(folder, {}, { retryRejects: ["malformed"] });
    assert.equal(retried.error, undefined);
    assert.equal(retried.requests, PROMPTS);
  }));

Deno.test("a few prompts that are all refused are no success (42)", () =>
  inFolder(async (folder) => {
    const refuse = { status: 400, code: "invalid_value", message: "no such thing" };
    const { error } = await sampled(folder, { refuse }, {}, 5);
    assert.ok(error instanceof RunError, String(error));
    assert.match(error.message, /nothing was kept: all 5 prompts were rejected \(bad_request 5\)/);
  }));
