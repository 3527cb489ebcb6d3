import assert from "node:assert/strict";
import { join } from "node:path";
import { type Disk, realDisk } from "../../lib/core/disk.ts";
import { InputError, LimitReached, ModelError, RunError } from "../../lib/core/errors.ts";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { runStage } from "../../lib/run/run_stage.ts";
import { doubling, inFolder, lines, part, quiet } from "./doubling.ts";

Deno.test("every item is kept or rejected with a reason, and the totals balance", () =>
  inFolder(async (out) => {
    const { manifest } = await runStage(
      doubling(out, 10, {
        work: ({ id, text }) =>
          Promise.resolve(
            id.endsWith("3")
              ? { reject: { reason: "unlucky", detail: "a three" } }
              : { record: { id, twice: text + text } },
          ),
      }),
      quiet,
    );
    const { input, kept, rejected, pending, rejected_by_reason } = manifest.counts;
    assert.deepEqual({ input, kept, rejected, pending }, {
      input: 10,
      kept: 9,
      rejected: 1,
      pending: 0,
    });
    assert.deepEqual(rejected_by_reason, { unlucky: 1 });
    assert.equal(manifest.status, "done");
    assert.deepEqual(
      lines(part(out, "rejects")).map(({ key: _, ...line }) => line),
      [{ id: "item-3", stage: "double", reason: "unlucky", detail: "a three" }],
    );
  }));

Deno.test("records stand in input order whatever order they were finished in", () =>
  inFolder(async (out) => {
    await runStage(
      doubling(out, 20, {
        work: async ({ id, text }) => {
          for (let i = Number(id.slice(5)) % 5; i < 5; i++) await Promise.resolve();
          return { record: { id, twice: text } };
        },
      }),
      quiet,
    );
    assert.deepEqual(
      lines(part(out)).map((line) => line.id),
      Array.from({ length: 20 }, (_, i) => `item-${i}`),
    );
  }));

Deno.test("running again does only what is left, and leaves the bytes of an undisturbed run", () =>
  inFolder(async (out) => {
    await runStage(doubling(out, 12), quiet);
    const whole = Deno.readTextFileSync(part(out));
    const kept = whole.split("\n").slice(3, 9).reverse();
    Deno.writeTextFileSync(part(out), kept.join("\n") + '\n{"id":"item-11","twi');
    const asked: string[] = [];
    const stage = doubling(out, 12);
    const { worked } = await runStage({
      ...stage,
      work: (item, call) => {
        asked.push(item.id);
        return stage.work(item, call);
      },
    }, quiet);
    assert.equal(worked, 6);
    assert.deepEqual(asked, ["item-0", "item-1", "item-2", "item-9", "item-10", "item-11"]);
    assert.equal(Deno.readTextFileSync(part(out)), whole);
  }));

Deno.test("a run killed after its last record, before it ended, is put in order by the next", () =>
  inFolder(async (out) => {
    await runStage(doubling(out, 9), quiet);
    const whole = Deno.readTextFileSync(part(out));
    Deno.writeTextFileSync(
      part(out),
      whole.split("\n").filter(Boolean).reverse().join("\n") + "\n",
    );
    const { worked } = await runStage(doubling(out, 9), quiet);
    assert.equal(worked, 0);
    assert.equal(Deno.readTextFileSync(part(out)), whole);
  }));

Deno.test("a damaged line in the middle is dropped, said, and its item done again", () =>
  inFolder(async (out) => {
    await runStage(doubling(out, 4), quiet);
    const whole = Deno.readTextFileSync(part(out));
    Deno.writeTextFileSync(part(out), whole.replace('"id":"item-1"', '"id:"item-1"'));
    const said: string[] = [];
    const { worked } = await runStage(doubling(out, 4), {
      ...quiet,
      log: (line) => said.push(line),
    });
    assert.equal(worked, 1);
    assert.match(said.join("\n"), /1 damaged line/);
    assert.equal(Deno.readTextFileSync(part(out)), whole);
  }));

Deno.test("an item whose content changed is done again and its old record is dropped", () =>
  inFolder(async (out) => {
    await runStage(doubling(out, 3), quiet);
    const { worked, manifest } = await runStage(
      doubling(out, 3, {
        async *read() {
          for (let i = 0; i < 3; i++) {
            yield await Promise.resolve({
              id: `item-${i}`,
              text: i === 1 ? "new" : `t${i}`,
              where: "items",
            });
          }
        },
      }),
      quiet,
    );
    assert.equal(worked, 1);
    assert.equal(manifest.counts.kept, 3);
    assert.deepEqual(lines(part(out)).map((line) => line.twice), ["t0t0", "newnew", "t2t2"]);
  }));

Deno.test("an OUT made with other options is refused, and the option is named", () =>
  inFolder(async (out) => {
    await runStage(doubling(out, 2), quiet);
    await assert.rejects(
      runStage(doubling(out, 2, { options: { factor: 3 }, affects: { factor: 3 } }), quiet),
      (error) => error instanceof InputError && /factor 2 \(now 3\)/.test(error.message),
    );
  }));

Deno.test("an OUT whose run ended before its first record takes other options", () =>
  inFolder(async (out) => {
    const wrongKey = doubling(out, 2, {
      work: () => {
        throw new ModelError("fatal", "wrong key");
      },
    });
    await assert.rejects(runStage(wrongKey, quiet), RunError);
    const other = doubling(out, 2, { options: { factor: 3 }, affects: { factor: 3 } });
    assert.equal((await runStage(other, quiet)).manifest.counts.kept, 2);
  }));

Deno.test("one id with two contents is refused before any work; with one content it counts once", () =>
  inFolder(async (out) => {
    const twice = (second: string) =>
      doubling(out, 0, {
        async *read() {
          yield await Promise.resolve({ id: "a", text: "one", where: "items:1" });
          yield { id: "a", text: second, where: "items:2" };
        },
      });
    await assert.rejects(
      runStage(twice("two"), quiet),
      (error) =>
        error instanceof InputError && /1 of 2 rows .*: items:2: id "a"/.test(error.message),
    );
    const { manifest } = await runStage(twice("one"), quiet);
    assert.deepEqual([manifest.counts.input, manifest.counts.duplicates], [1, 1]);
  }));

Deno.test("what may pass is tried again; what never passes is not", () =>
  inFolder(async (out) => {
    let calls = 0;
    const { manifest } = await runStage(
      doubling(out, 1, {
        work: ({ id, text }) => {
          if (++calls < 3) throw new ModelError("retry", "busy");
          return Promise.resolve({ record: { id, twice: text } });
        },
      }),
      quiet,
    );
    assert.equal(calls, 3);
    assert.equal(manifest.counts.kept, 1);
  }));

Deno.test("a run that goes on says what is done and what is left; one that is done says so", () =>
  inFolder(async (out) => {
    const said = async () => {
      const lines: string[] = [];
      await runStage(doubling(out, 12), { progress: "plain", log: (line) => lines.push(line) });
      return lines;
    };
    assert.equal((await said())[0], `double: 12 prompts to do, to ${out}`);
    const kept = Deno.readTextFileSync(part(out)).split("\n").slice(0, 5);
    Deno.writeTextFileSync(part(out), kept.join("\n") + "\n");
    const resumed = await said();
    assert.equal(resumed[0], `double: 5 done, 7 left, to ${out}`);
    assert.match(resumed.at(-1)!, /^double: done: 12 prompts · 12 kept · 0 rejected · /);
    const [only, ...more] = await said();
    assert.match(only!, new RegExp(`^double: nothing to do: ${out} has all 12 prompts`));
    assert.deepEqual(more, []);
  }));

Deno.test("a flush that fails behind the run's back ends it, and nothing more is asked (51)", () =>
  inFolder(async (out) => {
    let asked = 0, failedAt = Infinity;
    const disk: Disk = {
      ...realDisk,
      openSync(path, options) {
        const file = realDisk.openSync(path, options);
        file.syncData = () => {
          failedAt = Math.min(failedAt, asked);
          return Promise.reject(new Error("Input/output error (os error 5)"));
        };
        return file;
      },
    };
    const stage = doubling(out, 2_000, {
      work: async ({ id, text }) => {
        asked++;
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { record: { id, twice: text } };
      },
    });
    await assert.rejects(
      runStage(stage, { ...quiet, disk }),
      (error) =>
        error instanceof RunError && /cannot write: Input\/output error/.test(error.message),
    );
    assert.ok(asked > 0 && asked <= failedAt + 16, `${asked} asked, failed at ${failedAt}`);
  }));

Deno.test("a server that asks for a wait of an hour is told of, once a minute at most", () =>
  inFolder(async (out) => {
    const said: string[] = [], asked: string[] = [];
    await runStage(
      doubling(out, 3, {
        work: ({ id, text }, { attempt }) => {
          const busy = new ModelError("retry", "m: 429 busy", { retryAfterMs: 3_600_000 });
          asked.push(id);
          if (attempt === 0) throw busy;
          return Promise.resolve({ record: { id, twice: text } });
        },
      }),
      { ...quiet, log: (line) => said.push(line), sleep: () => Promise.resolve() },
    );
    assert.equal(asked.length, 6);
    const told = said.filter((line) => line.includes("asked to wait"));
    assert.equal(told.length, 1);
    // An hour, and a second at most that is drawn.
    assert.match(told[0]!, /^double: asked to wait for 6[01] min: m: 429 busy$/);
  }));

Deno.test("an item that fails after all retries is pending, named, and the rest is saved", () =>
  inFolder(async (out) => {
    const failing = doubling(out, 3, {
      attempts: 2,
      work: ({ id, text }) => {
        if (id === "item-1") throw new ModelError("retry", "busy");
        return Promise.resolve({ record: { id, twice: text } });
      },
    });
    await assert.rejects(
      runStage(failing, quiet),
      (error) => error instanceof RunError && /1 item.*item-1: busy/.test(error.message),
    );
    const manifest = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
    assert.deepEqual([manifest.counts.kept, manifest.counts.pending], [2, 1]);
    assert.equal(manifest.status, "partial");
    assert.deepEqual(manifest.failed, [{ id: "item-1", error: "busy" }]);
    const { manifest: after } = await runStage(doubling(out, 3), quiet);
    assert.deepEqual([after.status, after.failed], ["done", []]);
  }));

Deno.test("a fatal error and a limit end the run at once and keep what is done", () =>
  inFolder(async (out) => {
    for (const error of [new ModelError("fatal", "wrong key"), new LimitReached("$1 spent")]) {
      let calls = 0;
      await assert.rejects(
        runStage(
          doubling(out, 100, {
            slots: fixedLimit(1),
            work: ({ id, text }) => {
              if (++calls === 4) throw error;
              return Promise.resolve({ record: { id, twice: text } });
            },
          }),
          quiet,
        ),
        (thrown) =>
          thrown instanceof (error instanceof LimitReached ? LimitReached : RunError) &&
          thrown.message.includes(error.message),
      );
      assert.equal(calls, 4);
    }
    assert.equal(lines(part(out)).length, 6);
  }));

Deno.test("a stop lets what is in flight finish and begins nothing new", () =>
  inFolder(async (out) => {
    const stop = new AbortController();
    let begun = 0;
    const stopped = runStage(
      doubling(out, 50, {
        slots: fixedLimit(4),
        work: async ({ id, text }) => {
          if (++begun === 4) stop.abort(new DOMException("SIGINT", "AbortError"));
          await new Promise((resolve) => setTimeout(resolve, 1));
          return { record: { id, twice: text } };
        },
      }),
      { ...quiet, signal: stop.signal },
    );
    await assert.rejects(stopped, { name: "AbortError" });
    assert.equal(begun, 4);
    assert.equal(lines(part(out)).length, 4);
  }));

Deno.test("an item that outlives its time is tried again, then fails", () =>
  inFolder(async (out) => {
    let calls = 0;
    const hanging = doubling(out, 1, {
      attempts: 2,
      timeoutMs: 5,
      work: (_, { signal }) => {
        calls++;
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal)));
      },
    });
    await assert.rejects(runStage(hanging, quiet), /no reply within/);
    assert.equal(calls, 2);
  }));

Deno.test("shards share the input without overlap and join into the order of one process", () =>
  inFolder(async (out) => {
    await runStage(doubling(`${out}-one`, 10), quiet);
    for (let index = 0; index < 4; index++) {
      await runStage(doubling(out, 10, { shard: { index, count: 4 } }), quiet);
    }
    const joined = [0, 1, 2, 3].map((index) =>
      Deno.readTextFileSync(join(out, "records", `part-0000${index}-of-00004.jsonl`))
    ).join("");
    assert.equal(joined, Deno.readTextFileSync(part(`${out}-one`)));
    const manifest = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
    assert.deepEqual([manifest.status, manifest.counts.input, manifest.shards], [
      "done",
      10,
      { count: 4, done: [0, 1, 2, 3] },
    ]);
    await assert.rejects(
      runStage(doubling(out, 10, { shard: { index: 0, count: 2 } }), quiet),
      /holds a run in 4 shard/,
    );
  }));

Deno.test("a last line names the page only where one is made: by the last shard, and not after a stop", () =>
  inFolder(async (out) => {
    const said: string[] = [];
    const log = (line: string) => void said.push(line);
    const context = { progress: "plain" as const, log };
    for (let index = 0; index < 2; index++) {
      await runStage(doubling(out, 10, { shard: { index, count: 2 } }), context);
    }
    const stop = new AbortController();
    const work = doubling(out, 1).work;
    const stopped = doubling(`${out}-stopped`, 1, {
      work: (item, about) => {
        stop.abort(new DOMException("SIGINT", "AbortError"));
        return work(item, about);
      },
    });
    await assert.rejects(runStage(stopped, { ...context, signal: stop.signal }));
    const [first, last, ended] = said.filter((line) => /: (?:done|stopped): /.test(line));
    assert.match(first!, /5 prompts .* shard 0\/2, 1 of 2 done .*records$/);
    assert.match(last!, /5 prompts .* shard 1\/2, 2 of 2 done .*report\.html$/);
    assert.match(ended!, /stopped: 1 prompts · 1 kept .*records$/);
  }));

Deno.test("a second process on one OUT is refused with the first's host and pid", () =>
  inFolder(async (out) => {
    let refused: unknown;
    await runStage(
      doubling(out, 1, {
        work: async ({ id, text }) => {
          refused = await runStage(doubling(out, 1), quiet).catch((error) => error);
          return { record: { id, twice: text } };
        },
      }),
      quiet,
    );
    assert.ok(refused instanceof InputError);
    assert.match(refused.message, new RegExp(`in use by .+, pid ${Deno.pid}`));
  }));

Deno.test("a reason outside the stage's list goes to the rejects as other, its name kept", () =>
  inFolder(async (out) => {
    await runStage(
      doubling(out, 2, {
        work: ({ id, text }) => {
          if (id === "item-1") return Promise.resolve({ record: { id, twice: text } });
          throw new ModelError("reject", "odd", { reason: "new_reason" });
        },
      }),
      quiet,
    );
    const [line] = lines(part(out, "rejects"));
    assert.deepEqual([line!.reason, line!.detail], ["other", "new_reason: odd"]);
  }));
