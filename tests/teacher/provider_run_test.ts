import assert from "node:assert/strict";
import { join } from "node:path";
import { estimateTeacher, sampleTeacher } from "../../lib/teacher/stage.ts";
import { replayChat } from "../../lib/model/replay/replay_chat.ts";
import { LimitReached, RunError } from "../../lib/core/errors.ts";
import { startScriptedProvider } from "./scripted_provider.ts";
import {
  allFiles,
  inFolder,
  jsonLines,
  MARKED_KEY,
  quickContext,
  writePrompts,
} from "./run_teacher.ts";

const PART = "part-00000-of-00001.jsonl";
const wholeBill = (stats: { promptTokens: number; completionTokens: number }) =>
  (stats.promptTokens * 0.4 + stats.completionTokens * 1.6) / 1e6;

for (const model of ["openai/gpt-4.1-mini", "gemini/gemini-2.5-flash"]) {
  Deno.test(`amid faults of every kind, each prompt of ${model} is done once, at little extra cost`, () =>
    inFolder(async (folder) => {
      const provider = await startScriptedProvider({
        latencyMs: 20,
        capacity: 64,
        faults: {
          rateLimit: 0.05,
          serverError: 0.02,
          reset: 0.01,
          cutBody: 0.01,
          hang: 0.01,
          malformed: 0.03,
        },
      });
      const { context } = quickContext();
      const prompts = await writePrompts(folder, 500);
      const out = join(folder, "out");
      const { manifest } = await sampleTeacher({
        prompts,
        model,
        out,
        baseUrl: [provider.url],
        api: "responses",
        timeout: 1,
      }, { context });
      await provider.close();

      const { input, kept, rejected, pending } = manifest.counts;
      assert.deepEqual([input, kept + rejected, pending], [500, 500, 0]);
      const records = await jsonLines(join(out, "records", PART));
      const rejects = await jsonLines(join(out, "rejects", PART));
      const ids = [...records, ...rejects].map((line) => line.id);
      assert.equal(new Set(ids).size, 500);
      assert.equal(ids.length, 500);
      assert.ok(rejects.every((line) => line.reason === "malformed"));
      const { stats } = provider;
      const { capacity: _, ...injected } = stats.injected;
      const needed = 500 + Object.values(injected).reduce((sum, count) => sum + count, 0);
      assert.ok(stats.requests - needed < 500 * 0.12, `${stats.requests} for ${needed}`);
      // What was given up or broke off may be billed too: it is counted by its bytes (45).
      const bill = await jsonLines(join(out, "spend", PART));
      const estimated = bill.filter(({ usage }) => (usage as { estimated?: true }).estimated);
      assert.equal(bill.length - estimated.length, stats.billed);
      const lost = (injected.hang ?? 0) + (injected.cutBody ?? 0);
      assert.ok(estimated.length >= lost, `${estimated.length} of ${lost}`);
      assert.equal(manifest.tokens.replies, bill.length);
    }));
}

Deno.test("where no usage comes, tokens are counted by bytes, said, and the cap holds (45)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ noUsage: true, latencyMs: 5 });
    const { context, lines } = quickContext();
    const options = { ...await twoHundred(folder, provider.url), maxTokens: 100 };
    await assert.rejects(
      sampleTeacher({ ...options, maxCostUsd: 0.01 }, { context }),
      LimitReached,
    );
    await provider.close();
    assert.ok(wholeBill(provider.stats) <= 0.01);
    assert.ok(provider.stats.billed > 20, String(provider.stats.billed));
    assert.ok(lines.some((line) => /without its usage: its tokens are counted/.test(line)));
    const [record] = await jsonLines(join(options.out, "records", PART));
    assert.equal((record!.usage as { estimated: boolean }).estimated, true);
  }));

Deno.test("a server that answers what cannot be read is paid three times a prompt, not ten (45)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ unreadable: true });
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 4);
    const model = "openai/gpt-4.1-mini";
    const options = { prompts, model, out: join(folder, "out"), baseUrl: [provider.url] };
    await assert.rejects(
      sampleTeacher(options, { context }),
      /could not be done|no reply has come/,
    );
    await provider.close();
    assert.ok(provider.stats.requests <= 12, `${provider.stats.requests} requests`);
    const bill = await jsonLines(join(options.out, "spend", PART));
    assert.equal(bill.length, provider.stats.requests);
  }));

Deno.test("a key, an address or an option that no request could carry is refused before anything is sent (22, 38, 47, 58)", () =>
  inFolder(async (folder) => {
    const prompts = await writePrompts(folder, 1);
    const out = join(folder, "out");
    const fetchNothing = () => Promise.reject(new Error("something was sent"));
    const openai = { prompts, out, model: "openai/gpt-4.1-mini" };
    const gemini = { ...openai, model: "gemini/gemini-3.8-flash" };
    const keys = (key: string) => (name: string) => name.endsWith("_API_KEY") ? key : undefined;
    const refused = async (
      options: Parameters<typeof sampleTeacher>[0],
      says: RegExp,
      key = MARKED_KEY,
    ) => {
      const { context } = quickContext({ env: keys(key), fetch: fetchNothing });
      await assert.rejects(sampleTeacher(options, { context }), (error: Error) => {
        assert.equal(error.name, "InputError");
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /sk-|secret/);
        return true;
      });
    };
    await refused(openai, /OPENAI_API_KEY: holds more than one line/, "sk-one\nsk-two");
    await refused(gemini, /GEMINI_API_KEY: holds a space/, "AIza secret");
    await refused({ ...openai, baseUrl: ["foo"] }, /foo.*: not a URL/);
    await refused({ ...openai, baseUrl: ["ftp://a.test"] }, /must begin with http/);
    for (const url of ["http://me:secret@a.test/v1", "https://a.test/v1?key=secret"]) {
      await refused({ ...openai, baseUrl: [url] }, /base URL .*\ba\.test/);
      await refused({ ...gemini, baseUrl: [url] }, /base URL .*\ba\.test/);
    }
    await refused({ ...openai, temperature: 2.5 }, /--temperature 2.5: .* takes 2 at most/);
    await refused({ ...gemini, temperature: 2.5 }, /--temperature 2.5: .* takes 2 at most/);
    await refused({ ...openai, maxTokens: 8 }, /--max-tokens 8: .* no fewer than 16/);
    const left = (await allFiles(folder)).filter((path) => !path.endsWith(".lock"));
    assert.deepEqual(left, [prompts]);
  }));

Deno.test("a server that is not there is told in seconds, with its address (48)", () =>
  inFolder(async (folder) => {
    const prompts = await writePrompts(folder, 50);
    const { context } = quickContext();
    // Twenty times as fast: half a minute is one and a half seconds.
    const start = Date.now();
    const monotonic = () => performance.now() * 20;
    const options = { prompts, model: "openai/gpt-4.1-mini", out: join(folder, "out") };
    await assert.rejects(
      sampleTeacher({ ...options, baseUrl: ["http://127.0.0.1:48219"] }, {
        context: { ...context, monotonic },
      }),
      (error: Error) => {
        assert.match(error.message, /http:\/\/127\.0\.0\.1:48219: connection refused$/);
        assert.equal(error.message.match(/sample-teacher/g)?.length ?? 0, 0, error.message);
        return true;
      },
    );
    assert.ok(Date.now() - start < 15_000, `${Date.now() - start} ms`);
  }));

/** A run of 200 prompts on a scripted provider. */
const twoHundred = async (folder: string, url: string) => ({
  prompts: await writePrompts(folder, 200),
  model: "openai/gpt-4.1-mini",
  out: join(folder, "out"),
  baseUrl: [url],
});

Deno.test("the bill agrees with the provider's own count, re-asked replies included", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ faults: { malformed: 0.2, serverError: 0.1 } });
    const { context } = quickContext();
    const options = await twoHundred(folder, provider.url);
    await sampleTeacher({ ...options, limit: 60 }, { context });
    const estimate = await estimateTeacher(options, { context });
    assert.ok(Math.abs(estimate.spent! - wholeBill(provider.stats)) < 1e-9);
    const { manifest } = await sampleTeacher(options, { context });
    await provider.close();
    assert.ok(provider.stats.billed > 200);
    assert.ok(Math.abs(manifest.cost! - wholeBill(provider.stats)) < 1e-9);
    assert.equal(manifest.tokens.prompt, provider.stats.promptTokens);
    assert.equal(manifest.tokens.completion, provider.stats.completionTokens);
    assert.equal(manifest.counts.kept + manifest.counts.rejected, 200);
  }));

// How many replies a provider will spoil is not known beforehand, so this one spoils none.
Deno.test("an estimate made after some prompts agrees with the rest of the bill to the cent", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const { context } = quickContext();
    const options = await twoHundred(folder, provider.url);
    await sampleTeacher({ ...options, limit: 60 }, { context });
    const spentBefore = wholeBill(provider.stats), requests = provider.stats.requests;
    const estimate = await estimateTeacher(options, { context });
    assert.equal(estimate.basis, "measured");
    assert.equal(provider.stats.requests, requests);
    await sampleTeacher(options, { context });
    await provider.close();
    const rest = wholeBill(provider.stats) - spentBefore;
    assert.ok(rest > 0.01);
    assert.ok(Math.abs(estimate.cost! - rest) < 0.01, `${estimate.cost} for ${rest}`);
    assert.ok(estimate.most! > rest);
  }));

Deno.test("an estimate leaves out what was rejected, and leaves a running run's journal alone (21)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      replyText: (prompt) =>
        /number [0-4]\b/.test(prompt) ? "no tags" : "<think>t</think><response>r</response>",
    });
    const { context } = quickContext();
    const options = await twoHundred(folder, provider.url);
    await sampleTeacher({ ...options, limit: 20 }, { context });
    await provider.close();
    const journal = join(options.out, "spend", PART);
    await Deno.writeTextFile(journal, '{"id":"p30","usage":{"prompt_tokens":', { append: true });
    const before = await Deno.readTextFile(journal);
    const estimate = await estimateTeacher(options, { context });
    assert.deepEqual([estimate.toAsk, estimate.measured], [180, 15]);
    const again = await estimateTeacher({ ...options, retryRejects: ["malformed"] }, { context });
    assert.equal(again.toAsk, 185, "what --retry-rejects asks again is paid for again");
    const rows = await jsonLines(options.prompts);
    const mended = { ...rows[10], prompt: `${rows[10]!.prompt} Mended.` };
    await Deno.writeTextFile(
      options.prompts,
      [...rows.slice(0, 10), mended, ...rows.slice(11)].map((row) => `${JSON.stringify(row)}\n`)
        .join(""),
    );
    assert.equal(
      (await estimateTeacher(options, { context })).toAsk,
      181,
      "a mended prompt is asked",
    );
    assert.match(estimate.pricesOf, /^prices of 20\d\d-\d\d-\d\d \(litellm .* days old\)$/);
    assert.equal(
      await Deno.readTextFile(journal),
      before,
      "a line that is being written was cut off",
    );
  }));

Deno.test("an estimate sends nothing and needs no key", () =>
  inFolder(async (folder) => {
    const fetchNothing = () => Promise.reject(new Error("something was sent"));
    const { context } = quickContext({ env: () => undefined, fetch: fetchNothing });
    const prompts = await writePrompts(folder, 30);
    const options = { prompts, model: "openai/gpt-4.1-mini", out: join(folder, "out") };
    const estimate = await estimateTeacher(options, { context });
    assert.deepEqual([estimate.prompts, estimate.toAsk, estimate.basis], [30, 30, "assumed"]);
    assert.ok(estimate.cost! > 0 && estimate.most! > estimate.cost!);
    const unknown = await estimateTeacher({ ...options, model: "openai/gpt-99" }, { context });
    assert.deepEqual([unknown.cost, unknown.most], [null, null]);
    assert.ok(unknown.promptTokens > 0);
    const batch = await estimateTeacher({ ...options, batch: true }, { context });
    assert.equal(batch.cost, estimate.cost! / 2);
  }));

Deno.test("the spending cap holds with what is in flight, and the run can go on later", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 20 });
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 300);
    const options = {
      prompts,
      model: "openai/gpt-4.1-mini",
      out: join(folder, "out"),
      baseUrl: [provider.url],
      maxTokens: 100,
    };
    await assert.rejects(
      sampleTeacher({ ...options, maxCostUsd: 0.02 }, { context }),
      (error: Error) => error instanceof LimitReached && /max-cost-usd 0.02/.test(error.message),
    );
    const spent = wholeBill(provider.stats);
    assert.ok(spent <= 0.02 && spent > 0.015, `spent ${spent}`);
    const records = await jsonLines(join(options.out, "records", PART));
    assert.equal(records.length, provider.stats.billed);
    const { manifest } = await sampleTeacher(options, { context });
    await provider.close();
    assert.equal(manifest.counts.kept, 300);
    assert.equal(provider.stats.billed, 300);
    assert.ok(Math.abs(manifest.cost! - wholeBill(provider.stats)) < 1e-9);
  }));

Deno.test("a model without a known price is said so; its tokens are counted, its cost is null", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const { context, lines } = quickContext();
    const prompts = await writePrompts(folder, 5);
    const options = {
      prompts,
      model: "openai/gpt-99",
      out: join(folder, "out"),
      baseUrl: [provider.url],
    };
    const { manifest } = await sampleTeacher(options, { context });
    assert.equal(manifest.cost, null);
    assert.equal(manifest.tokens.prompt, provider.stats.promptTokens);
    assert.ok(lines.some((line) => /no price is known for gpt-99/.test(line)));
    const capped = { ...options, out: join(folder, "capped"), maxCostUsd: 1 };
    await assert.rejects(sampleTeacher(capped, { context }), /--prices FILE/);
    const prices = join(folder, "prices.json");
    await Deno.writeTextFile(
      prices,
      '{"as_of":"2026-01-01","models":{"gpt-99":{"input":1,"output":2}}}',
    );
    const priced = await sampleTeacher({ ...capped, prices }, { context });
    const { promptTokens, completionTokens } = provider.stats;
    assert.equal(priced.manifest.cost, (promptTokens / 2 + completionTokens) / 1e6);
    await provider.close();
  }));

const refusals = [
  { status: 401, code: "invalid_api_key", says: /the key in OPENAI_API_KEY is refused/ },
  { status: 429, code: "insufficient_quota", says: /the account is out of quota/ },
  { status: 404, code: "model_not_found", says: /no such model/ },
  { status: 400, code: "invalid_value", says: /the first 10 requests were all refused as wrong/ },
];
for (const { status, code, says } of refusals) {
  Deno.test(`${status} ${code} ends the run at once with one line and without the key`, () =>
    inFolder(async (folder) => {
      const message = `Incorrect API key provided: ${MARKED_KEY}.\nSee the account page.`;
      const provider = await startScriptedProvider({ refuse: { status, code, message } });
      const { context, lines } = quickContext();
      const prompts = await writePrompts(folder, 2000);
      const out = join(folder, "out");
      const model = "openai/gpt-4.1-mini";
      let said = "";
      await assert.rejects(
        sampleTeacher({ prompts, model, out, baseUrl: [provider.url] }, { context }),
        (error: Error) => {
          said = error.message;
          return error instanceof RunError && says.test(said);
        },
      );
      await provider.close();
      assert.ok(!said.includes("\n"));
      assert.ok(provider.stats.requests <= 80, `${provider.stats.requests} requests`);
      assert.ok(provider.stats.keys.some((key) => key.includes(MARKED_KEY)), "the key was sent");
      const everything = [said, ...lines];
      for (const path of await allFiles(folder)) everything.push(await Deno.readTextFile(path));
      assert.ok(everything.every((text) => !text.includes(MARKED_KEY)));
    }));
}

Deno.test("no file, line or recording of a run holds the key, even if the provider repeats it", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({
      replyText: () => `<think>Key ${MARKED_KEY}.</think><response>${MARKED_KEY}</response>`,
      headers: { "x-echo": MARKED_KEY },
      faults: { serverError: 0.3 },
    });
    const { context, lines } = quickContext({ progress: "plain" });
    const prompts = await writePrompts(folder, 40);
    for (const model of ["openai/gpt-4.1-mini", "gemini/gemini-2.5-flash"]) {
      const name = model.split("/")[0]!;
      await sampleTeacher({
        prompts,
        model,
        out: join(folder, name),
        baseUrl: [provider.url],
        record: join(folder, `${name}.recording.jsonl`),
      }, { context });
    }
    await provider.close();
    assert.equal(provider.stats.keys.length, 2);
    const files = await allFiles(folder);
    assert.ok(files.length >= 10, String(files.length));
    for (const path of files) {
      assert.ok(!(await Deno.readTextFile(path)).includes(MARKED_KEY), path);
    }
    assert.ok(lines.length > 0 && !lines.join("\n").includes(MARKED_KEY));
  }));

Deno.test("a run that was recorded runs again from the recording, without key or network, to the same records", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ faults: { malformed: 0.3, length: 0.1 } });
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 60);
    const record = join(folder, "recording.jsonl");
    const options = { prompts, baseUrl: [provider.url] };
    const first = join(folder, "first"), again = join(folder, "again");
    await sampleTeacher({ ...options, model: "openai/gpt-4.1-mini", out: first, record }, {
      context,
    });
    await provider.close();
    const offline = quickContext({
      env: () => undefined,
      fetch: () => Promise.reject(new Error()),
    });
    await sampleTeacher({ prompts, model: `replay/${record}`, out: again }, {
      context: offline.context,
    });
    for (const kind of ["records", "rejects"]) {
      const lines = async (out: string) =>
        (await jsonLines(join(out, kind, PART))).map(({ key: _, ...line }) => line);
      assert.deepEqual(await lines(again), await lines(first), kind);
    }
    const model = await replayChat(record);
    assert.equal(model.name, "gpt-4.1-mini");
    await model.close();
  }));

Deno.test("a reply cut by its limit is asked again with more room, then rejected as length", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ faults: { length: 1 } });
    const { context } = quickContext();
    const prompts = await writePrompts(folder, 3);
    const record = join(folder, "recording.jsonl");
    const sampled = sampleTeacher({
      prompts,
      model: "gemini/gemini-2.5-flash",
      out: join(folder, "out"),
      baseUrl: [provider.url],
      maxTokens: 100,
      attempts: 5,
      record,
    }, { context });
    await assert.rejects(sampled, /nothing was kept: all 3 prompts were rejected \(length 3\)/);
    await provider.close();
    const rooms = (await jsonLines(record)).slice(1)
      .map(({ request }) => request as { id: string; maxTokens: number })
      .filter(({ id }) => id === "p0").map(({ maxTokens }) => maxTokens);
    assert.deepEqual(rooms, [100, 200, 400]);
  }));

Deno.test("prompts in other languages are rejected with the language found, and nothing is sent for them", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider();
    const { context } = quickContext();
    const prompts = join(folder, "prompts.json");
    await Deno.writeTextFile(
      prompts,
      JSON.stringify([
        { id: "en", prompt: "How do I bake bread at home?" },
        { id: "de", prompt: "Wie backe ich zu Hause ein gutes Brot?" },
        { id: "ja", prompt: "家でパンを焼くにはどうすればいいですか" },
        { id: "sum", prompt: "2 + 2 = ?" },
      ]),
    );
    const out = join(folder, "out");
    await sampleTeacher({
      prompts,
      model: "openai/gpt-4.1-mini",
      out,
      baseUrl: [provider.url],
      language: "en",
    }, { context });
    await provider.close();
    const rejects = await jsonLines(join(out, "rejects", PART));
    assert.deepEqual(rejects.map(({ id, reason, detail }) => [id, reason, detail]), [
      ["de", "language", "de (German)"],
      ["ja", "language", "ja (Japanese)"],
    ]);
    assert.equal(provider.stats.requests, 2);
  }));
