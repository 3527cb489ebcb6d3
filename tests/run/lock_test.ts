import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError } from "../../lib/core/errors.ts";
import { lockFile, waitForLock } from "../../lib/run/lock.ts";
import { inFolder } from "../cli.ts";

const lib = new URL("../../lib/run/lock.ts", import.meta.url).href;
const PROCESSES = 4, TRIES = Number(Deno.env.get("FAULTS_RUNS") ?? 150);

/** A process that takes the lock again and again; what it counts while it holds it, and what it meets. */
async function contender(folder: string, how: "try" | "wait"): Promise<Record<string, number>> {
  const code = `
    import { lockFile, waitForLock } from ${JSON.stringify(lib)};
    const met = { held: 0, refused: 0, latest: 0 };
    const counter = ${JSON.stringify(join(folder, "counter"))};
    let beat = performance.now();
    setInterval(() => {
      met.latest = Math.max(met.latest, performance.now() - beat);
      beat = performance.now();
    }, 1);
    for (let i = 0; i < ${TRIES}; i++) {
      try {
        const lock = ${how === "wait"} ? await waitForLock(${
    JSON.stringify(join(folder, "lock"))
  }) : lockFile(${JSON.stringify(join(folder, "lock"))}, "OUT");
        // Not one step: two that hold the lock at once would lose a count.
        const count = Number(Deno.readTextFileSync(counter));
        if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        Deno.writeTextFileSync(counter, String(count + 1));
        met.held++;
        lock.release();
      } catch (error) {
        if (!/^OUT is in use by (.*, pid \\d+|another process): wait for it/.test(error.message)) throw error;
        met.refused++;
      }
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    console.log(JSON.stringify(met));
    Deno.exit();`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `data:text/typescript,${encodeURIComponent(code)}`],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

for (const how of ["try", "wait"] as const) {
  Deno.test(`processes that ${how} for one lock hold it one at a time and meet nothing but its owner (24)`, () =>
    inFolder(async (folder) => {
      Deno.writeTextFileSync(join(folder, "counter"), "0");
      const all = await Promise.all(
        Array.from({ length: PROCESSES }, () => contender(folder, how)),
      );
      const sum = (name: string) => all.reduce((total, met) => total + met[name]!, 0);
      assert.equal(Number(Deno.readTextFileSync(join(folder, "counter"))), sum("held"));
      assert.equal(sum("held") + sum("refused"), PROCESSES * TRIES);
      if (how === "wait") {
        assert.equal(sum("refused"), 0);
        const latest = Math.max(...all.map((met) => met.latest!));
        assert.ok(latest < 1_000, `the event loop stood still for ${latest} ms`);
      }
      console.log(`${how}: ${sum("held")} times held, ${sum("refused")} times refused`);
    }));
}

Deno.test("a lock is waited for without holding up the event loop, and not for ever", () =>
  inFolder(async (folder) => {
    const path = join(folder, "lock"), lock = lockFile(path, path);
    let beats = 0;
    const beat = setInterval(() => beats++, 5);
    await assert.rejects(waitForLock(path, 200), InputError);
    assert.ok(beats >= 10, `${beats} beats`);
    setTimeout(() => lock.release(), 50);
    (await waitForLock(path)).release();
    clearInterval(beat);
  }));

Deno.test("letting a lock go throws nothing, whatever became of its file", () =>
  inFolder(async (folder) => {
    const path = join(folder, "run", "lock");
    await Deno.mkdir(join(folder, "run"));
    const lock = lockFile(path, path);
    await Deno.remove(join(folder, "run"), { recursive: true });
    await Deno.writeTextFile(join(folder, "run"), "a file in the folder's place");
    lock.release();
  }));
