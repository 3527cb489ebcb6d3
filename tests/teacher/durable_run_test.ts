/** Paid runs amid faults of the machine: nothing is paid that cannot be kept, and the bill stays true. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Disk, realDisk } from "../../lib/core/disk.ts";
import { InputError, RunError } from "../../lib/core/errors.ts";
import { replayChat } from "../../lib/model/replay/replay_chat.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import {
  inFolder,
  jsonLines,
  MARKED_KEY,
  quickContext,
  wait,
  writePrompts,
} from "./run_teacher.ts";
import { type ScriptedProvider, startScriptedProvider } from "./scripted_provider.ts";

const PART = "part-00000-of-00001.jsonl";
const SLOTS = 4;

/** A run of `count` prompts, four in flight. */
async function settings(folder: string, provider: ScriptedProvider, count: number) {
  return {
    prompts: await writePrompts(folder, count),
    model: "openai/gpt-4.1-mini",
    out: join(folder, "out"),
    baseUrl: [provider.url],
    api: "responses" as const,
    concurrency: SLOTS,
  };
}

/** A disk that takes no more writes to one of a run's files once it holds so many lines. */
function failingDisk(name: string, lines: number): Disk {
  let written = 0;
  return {
    ...realDisk,
    openSync(path, options) {
      const file = realDisk.openSync(path, options);
      if (!path.includes(`/${name}/`)) return file;
      const fail = () => {
        throw new Error("Input/output error (os error 5)");
      };
      return new Proxy(file, {
        get(target, key) {
          if (key === "writeSync" && options.write && written++ >= lines) return fail;
          if (key === "truncateSync" && written > lines) return fail;
          const value = Reflect.get(target, key);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
}

for (const name of ["records", "spend"]) {
  Deno.test(`a disk that takes no more of ${name} ends a paid run at the first write, and it goes on later (51)`, () =>
    inFolder(async (folder) => {
      const provider = await startScriptedProvider({ latencyMs: 30 });
      const { context } = quickContext({ disk: failingDisk(name, 20) });
      const options = await settings(folder, provider, 300);
      await assert.rejects(
        sampleTeacher(options, { context }),
        (error) =>
          error instanceof RunError && error.message.includes(`/${name}/`) &&
          /cannot write: .*os error 5.*run the same command again/.test(error.message),
      );
      const { requests } = provider.stats;
      assert.ok(requests >= 20 && requests <= 21 + 2 * SLOTS, `${requests} requests`);
      const { manifest } = await sampleTeacher(options, { context: quickContext().context });
      await provider.close();
      assert.deepEqual([manifest.status, manifest.counts.kept], ["done", 300]);
      assert.ok(provider.stats.billed <= 300 + 2 * SLOTS, `${provider.stats.billed} replies paid`);
    }));
}

for (const how of ["moved", "removed", "swapped"] as const) {
  Deno.test(`an OUT that is ${how} while a run writes it ends the run within a second (52)`, () =>
    inFolder(async (folder) => {
      const provider = await startScriptedProvider({ latencyMs: 50 });
      const options = await settings(folder, provider, 400);
      const running = sampleTeacher(options, { context: quickContext().context });
      running.catch(() => {});
      while (provider.stats.billed < 30) await wait(10);
      const { out } = options;
      if (how === "removed") await Deno.remove(out, { recursive: true });
      else await Deno.rename(out, `${out}-elsewhere`);
      if (how === "swapped") await Deno.mkdir(join(out, "records"), { recursive: true });
      const at = performance.now();
      await assert.rejects(
        running,
        (error) =>
          error instanceof RunError && /was removed, moved or replaced.*--out$/.test(error.message),
      );
      const took = performance.now() - at;
      await provider.close();
      assert.ok(took < 1_500, `noticed after ${took} ms`);
      if (how !== "swapped") {
        await assert.rejects(Deno.stat(out), Deno.errors.NotFound, "nothing is made in its place");
      }
    }));
}

Deno.test("a damaged journal of paid replies is told of, and the records and the manifest make it good (56)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ faults: { malformed: 0.2 } });
    const options = await settings(folder, provider, 60);
    const first = await sampleTeacher({ ...options, limit: 40 }, {
      context: quickContext().context,
    });
    const journal = join(options.out, "spend", PART);
    const whole = await Deno.readTextFile(journal);
    const paid = first.manifest.cost!, lines = whole.split("\n").length - 1;
    assert.equal(lines, provider.stats.billed);
    const damages: [string, string][] = [
      ["emptied", ""],
      ["cut in the middle", whole.slice(0, whole.length / 2)],
      ["cut at a line", whole.split("\n").slice(0, 12).join("\n") + "\n"],
      ["a digit changed", whole.replace(/"completion_tokens":(\d)/, '"completion_tokens":0$1')],
      [
        "a digit made another",
        whole.replace(/(_tokens":)(\d)/, (_, a, b) => `${a}${(+b + 1) % 10}`),
      ],
    ];
    for (const [how, text] of damages) {
      await Deno.writeTextFile(journal, text);
      const { context, lines: said } = quickContext();
      const { manifest } = await sampleTeacher({ ...options, limit: 40 }, { context });
      const close = Math.abs(manifest.cost! - paid) < 1e-9;
      assert.ok(close, `${how}: $${manifest.cost} of $${paid}`);
      assert.ok(said.some((line) => /spend.*put back/.test(line)), `${how}: ${said.join("\n")}`);
    }
    // The cap sees what was put back: nothing more is asked.
    await Deno.writeTextFile(journal, "");
    const asked = provider.stats.requests;
    await assert.rejects(
      sampleTeacher({ ...options, maxCostUsd: paid * 1.01 }, { context: quickContext().context }),
      /--max-cost-usd/,
    );
    await provider.close();
    assert.equal(provider.stats.requests, asked);
  }));

Deno.test("a second process on one OUT is refused before it opens the journal (62)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 100 });
    const options = await settings(folder, provider, 20);
    const running = sampleTeacher(options, { context: quickContext().context });
    const journal = join(options.out, "spend", PART);
    while (provider.stats.billed < 5) await wait(10);
    // Far longer than what the run still writes, which may go over its beginning.
    const torn = `{"id":"${"a line that is being written ".repeat(3_000)}`;
    await Deno.writeTextFile(journal, torn, { append: true });
    const { size } = await Deno.stat(journal);
    await assert.rejects(
      sampleTeacher(options, { context: quickContext().context }),
      (error) => error instanceof InputError && /is in use by/.test(error.message),
    );
    assert.ok((await Deno.stat(journal)).size >= size, "the journal was cut");
    await running;
    await provider.close();
  }));

Deno.test("a run whose connections take every file that it may open still ends well (62)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 200 });
    const options = await settings(folder, provider, 120);
    const words = [
      ...[Deno.execPath(), "run", "-A", "scripts/sample_teacher.ts", "--prompts", options.prompts],
      ...["--model", options.model, "--base-url", provider.url, "--out", options.out],
      ...["--concurrency", "100", "--progress", "none"],
    ];
    const { code, stderr } = await new Deno.Command("bash", {
      args: ["-c", `ulimit -n 64; exec "$@"`, "bash", ...words],
      env: { OPENAI_API_KEY: MARKED_KEY },
      stderr: "piped",
    }).output();
    await provider.close();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal((await jsonLines(join(options.out, "records", PART))).length, 120);
  }));

Deno.test("shards that share a recording leave every reply to be served again (54)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 5 });
    const options = await settings(folder, provider, 24);
    const record = join(folder, "recording.jsonl");
    await Promise.all(
      [0, 1, 2].map((shard) =>
        sampleTeacher({ ...options, record, shard: `${shard}/3` }, {
          context: quickContext().context,
        })
      ),
    );
    await provider.close();
    const out = join(folder, "again");
    const { manifest } = await sampleTeacher(
      { ...options, baseUrl: [], api: undefined, model: `replay/${record}`, out },
      { context: quickContext().context, model: await replayChat(record) },
    );
    assert.deepEqual([manifest.counts.kept, manifest.counts.rejected], [24, 0]);
  }));

Deno.test("a stage whose deno task is killed saves its work and asks nothing more (53)", () =>
  inFolder(async (folder) => {
    const provider = await startScriptedProvider({ latencyMs: 50 });
    const options = await settings(folder, provider, 2_000);
    const flags = [
      ...["--prompts", options.prompts, "--model", options.model, "--out", options.out],
      ...["--base-url", provider.url, "--api", "responses", "--concurrency", String(SLOTS)],
    ];
    const task = new Deno.Command(Deno.execPath(), {
      args: ["task", "sample-teacher", ...flags],
      env: { OPENAI_API_KEY: MARKED_KEY },
      stdout: "null",
      stderr: "null",
    }).spawn();
    while (provider.stats.billed < 20) await wait(20);
    task.kill("SIGKILL");
    await task.status;
    const manifest = join(options.out, "manifest.json");
    const status = () => JSON.parse(Deno.readTextFileSync(manifest)).status;
    const began = performance.now();
    while (status() === "running" && performance.now() - began < 20_000) await wait(50);
    assert.equal(status(), "partial");
    const { requests } = provider.stats;
    await wait(500);
    await provider.close();
    assert.equal(provider.stats.requests, requests);
    assert.ok((await jsonLines(join(options.out, "records", PART))).length >= 20);
  }));
