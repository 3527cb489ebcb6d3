import assert from "node:assert/strict";
import { InputError, ModelError } from "../../../lib/core/errors.ts";
import { randomFor } from "../../../lib/core/random.ts";
import { ServerDown } from "../../../lib/model/server/server_error.ts";
import { ServerPool } from "../../../lib/model/server/server_pool.ts";
import { fixedLimit } from "../../../lib/run/concurrency_limit.ts";
import { BatchingServer, listSchedule, replyTimes } from "./batching_server.ts";
import { VirtualClock } from "./virtual_clock.ts";

const SLOTS = 64;

/** A cluster in virtual time, a pool over it, and what a run over it does. */
function cluster(servers: number) {
  const clock = new VirtualClock();
  const nodes = Array.from({ length: servers }, () => new BatchingServer(clock, SLOTS));
  const log: string[] = [];
  const pool = new ServerPool(nodes.map((_, index) => `http://node${index}`), {
    context: { ...clock, log: (line) => log.push(line) },
    probe: (url) => nodeAt(url).alive ? Promise.resolve() : Promise.reject(new Error("refused")),
  });
  const nodeAt = (url: string) => nodes[Number(/\d+$/.exec(url)![0])]!;
  const results: number[] = [];
  const work = async (times: readonly number[], inFlight: number) => {
    const limit = fixedLimit(inFlight);
    await Promise.all(times.map(async (ms, item) => {
      await limit.acquire();
      try {
        results.push(
          await pool.run(async (url, signal) => {
            await nodeAt(url).work(ms, signal);
            return item;
          }),
        );
      } finally {
        limit.release("ok");
      }
    }));
    pool.close();
  };
  return { clock, nodes, pool, log, results, work };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

Deno.test("long replies never hold up short ones: within 1.1 of the server's best schedule", async () => {
  const times = replyTimes(3_000, randomFor(1));
  const best = listSchedule(times, SLOTS);

  const { clock, work } = cluster(1);
  await clock.run(work(times, SLOTS * 1.25));
  const ratio = clock.now() / best;
  assert.ok(ratio < 1.1, `${ratio.toFixed(3)} of the best schedule`);

  // The same work a batch at a time, as the public sampler does it.
  let batches = 0;
  for (let at = 0; at < times.length; at += SLOTS) {
    batches += Math.max(...times.slice(at, at + SLOTS));
  }
  assert.ok(batches / best > 3, `a batch at a time: ${(batches / best).toFixed(2)}`);
});

Deno.test("one of three servers killed, one slowed tenfold: nothing lost, within 1.2 of what is left", async () => {
  const times = replyTimes(6_000, randomFor(2));
  const { clock, nodes, log, results, work } = cluster(3);
  nodes[2]!.slowness = 10;
  const work_ms = sum(times);
  const killAt = work_ms / SLOTS / 2.1 / 2;
  clock.sleep(killAt).then(() => nodes[1]!.kill());
  // The work that is left after the kill, by the capacity that is left.
  const bound = killAt + (work_ms - killAt * SLOTS * 2.1) / (SLOTS * 1.1);

  await clock.run(work(times, 3 * SLOTS * 1.25));
  const ratio = clock.now() / bound;
  assert.ok(ratio < 1.2, `${ratio.toFixed(3)} of what the capacity allows`);
  assert.deepEqual(results.toSorted((a, b) => a - b), times.map((_, item) => item));
  assert.equal(log.filter((line) => line.includes("set aside")).length, 1);
});

Deno.test("a server that comes back is used again", async () => {
  const { clock, nodes, pool, log } = cluster(2);
  nodes[0]!.kill();
  const call = async (url: string, signal: AbortSignal) => {
    await nodes[Number(url.at(-1))]!.work(100, signal);
    return url;
  };
  assert.equal(await clock.run(pool.run(call)), "http://node1");
  assert.deepEqual(pool.alive, ["http://node1"]);
  nodes[0]!.alive = true;
  await clock.run(clock.sleep(1_500));
  assert.deepEqual(pool.alive, ["http://node0", "http://node1"]);
  assert.ok(log.at(-1)!.includes("answers again"));
  pool.close();
});

Deno.test("with every server away calls fail or wait, then end the run in one line", async () => {
  const { clock, nodes, pool, log } = cluster(2);
  for (const node of nodes) node.kill();
  let asked = 0;
  const call = async (url: string, signal: AbortSignal) => {
    asked++;
    await nodes[Number(url.at(-1))]!.work(100, signal);
    return url;
  };
  clock.sleep(10_000).then(() => nodes[1]!.alive = true);
  // Each server is asked once; whether to ask again is the runner's to say.
  await assert.rejects(clock.run(pool.run(call)), ServerDown);
  assert.equal(asked, 2);
  assert.match(log[0]!, /set aside, its work goes to the others/);
  assert.match(log[1]!, /no server is left: waiting 30 s for one/);
  assert.equal(await clock.run(pool.run(call)), "http://node1");
  nodes[1]!.kill();
  await assert.rejects(clock.run(pool.run(call)), ServerDown);
  await assert.rejects(clock.run(pool.run(call)), (error) => {
    assert.ok(error instanceof ModelError && error.kind === "fatal");
    assert.equal(error.message, "no server has answered for 300 s: http://node0, http://node1");
    return true;
  });
  pool.close();
});

Deno.test("servers that never answered a call are waited for half a minute, not five", async () => {
  const { clock, nodes, pool } = cluster(1);
  nodes[0]!.kill();
  const call = () => nodes[0]!.work(100, new AbortController().signal);
  await assert.rejects(clock.run(pool.run(call)), ServerDown);
  await assert.rejects(clock.run(pool.run(call)), /no server has answered for 30 s/);
  assert.ok(clock.now() < 31_000, `${clock.now()} ms`);
  pool.close();
});

Deno.test("a call that was given up, and fails by it, sets no healthy server aside", async () => {
  const { clock, pool, log } = cluster(1);
  for (let time = 0; time < 5; time++) {
    const stop = new AbortController();
    const call = pool.run(
      (_, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(new ServerDown("connection closed")))
        ),
      stop.signal,
    );
    stop.abort(new DOMException("stopped", "AbortError"));
    await assert.rejects(clock.run(call));
  }
  assert.deepEqual([pool.alive, log], [["http://node0"], []]);
  pool.close();
});

Deno.test("however servers fail, a call goes to three of them at most", async () => {
  const { clock, nodes, pool } = cluster(9);
  for (const node of nodes) node.kill();
  let asked = 0;
  const call = () => {
    asked++;
    return Promise.reject(new ServerDown("502"));
  };
  await assert.rejects(clock.run(pool.run(call)), ServerDown);
  assert.equal(asked, 3);
  pool.close();
});

Deno.test("what hangs on one server is done by another", async () => {
  const { clock, nodes, results, work } = cluster(2);
  nodes[0]!.hangs = true;
  await clock.run(work(Array(50).fill(100), 20));
  assert.equal(results.length, 50);
});

Deno.test("an item's own failure is the caller's, and sets no server aside", async () => {
  const { clock, pool } = cluster(2);
  const overflow = new ModelError("reject", "too long", { reason: "context_overflow" });
  await assert.rejects(clock.run(pool.run(() => Promise.reject(overflow))), overflow);
  assert.equal(pool.alive.length, 2);
  pool.close();
});

Deno.test("a stop reaches the call that is in flight", async () => {
  const { clock, nodes, pool } = cluster(1);
  const stop = new AbortController();
  const running = pool.run((_, signal) => nodes[0]!.work(1e9, signal), stop.signal);
  stop.abort(new InputError("stopped"));
  await assert.rejects(clock.run(running), /stopped/);
  pool.close();
});

Deno.test("the failure of a server that is down names it as such", () => {
  assert.ok(new ServerDown("x") instanceof ModelError);
});
