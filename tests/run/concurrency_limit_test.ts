import assert from "node:assert/strict";
import { adaptiveLimit, fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { simulate } from "./simulated_server.ts";

const provider = { latencyMs: 200, refusalMs: 2, backoffMs: 300 };

Deno.test("a fixed limit admits in order of asking and never more than its slots", async () => {
  const limit = fixedLimit(2);
  const order: string[] = [];
  const enter = (name: string) => limit.acquire().then(() => order.push(name));
  const all = [enter("a"), enter("b"), enter("c"), enter("d")];
  await Promise.all(all.slice(0, 2));
  await Promise.resolve();
  assert.deepEqual(order, ["a", "b"]);
  limit.release("ok");
  await all[2];
  assert.deepEqual(order, ["a", "b", "c"]);
  limit.release("error");
  await all[3];
});

Deno.test("who gives up waiting for a slot leaves the queue and takes no slot", async () => {
  const limit = fixedLimit(1);
  await limit.acquire();
  const giveUp = new AbortController();
  const left = limit.acquire(giveUp.signal);
  const next = limit.acquire();
  giveUp.abort(new Error("stopped"));
  await assert.rejects(left, /stopped/);
  limit.release("ok");
  await next;
  limit.release("ok");
  assert.throws(() => limit.release("ok"), /nobody holds/);
});

Deno.test("a server's limit of 64 is found within a few rounds and hardly ever overrun", async () => {
  const limit = adaptiveLimit({ start: 16, max: 256 });
  const run = await simulate(limit, { ...provider, capacity: () => 64 }, 2000);
  const ideal = 2000 / 64 * 200;
  assert.ok(run.ms < ideal * 1.25, `${run.ms} ms, ideal ${ideal} ms`);
  assert.ok(run.refusals < 2000 * 0.05, `${run.refusals} refusals`);
  const late = run.limits.slice(1000);
  assert.ok(Math.min(...late) >= 54 && Math.max(...late) <= 70, `${Math.min(...late)}`);
});

Deno.test("a small server is overrun at the start alone, by what it bears less than that", async () => {
  const limit = adaptiveLimit({ max: 256 });
  const run = await simulate(limit, { ...provider, capacity: () => 8 }, 300);
  const ideal = 300 / 8 * 200;
  assert.ok(run.ms < ideal * 1.25, `${run.ms} ms, ideal ${ideal} ms`);
  assert.ok(run.refusals < 75, `${run.refusals} refusals`);
});

Deno.test("whatever a server bears, it is overrun once, and refuses hardly any request after it", async () => {
  for (const capacity of [20, 40, 50, 64, 66, 80, 100, 150]) {
    const limit = adaptiveLimit({ max: 256 });
    const run = await simulate(limit, { ...provider, capacity: () => capacity }, capacity * 15);
    assert.ok(run.refusals < capacity, `${run.refusals} refusals of a server of ${capacity}`);
    const late = run.limits.slice(capacity * 5);
    assert.ok(
      Math.min(...late) >= capacity * 0.85 && Math.max(...late) <= capacity + 1,
      `${Math.min(...late)} to ${Math.max(...late)} of ${capacity}`,
    );
  }
});

Deno.test("refusals at random of one in twenty do not bring the limit down", async () => {
  const limit = adaptiveLimit({ start: 16, max: 64 });
  const noise = (request: number) => (request * 7919) % 20 === 0;
  const run = await simulate(limit, { ...provider, capacity: () => Infinity, noise }, 3000);
  assert.ok(run.limits.at(-1)! >= 55, `ends at ${run.limits.at(-1)}`);
});

Deno.test("a server's limit is found amid refusals at random, and neither is taken for the other", async () => {
  for (const capacity of [10, 64]) {
    const limit = adaptiveLimit({ start: 16, max: 256 });
    const noise = (request: number) => (Math.imul(request + 1, 0x9e3779b1) >>> 0) / 2 ** 32 < 0.05;
    const server = { ...provider, capacity: () => capacity, noise };
    const run = await simulate(limit, server, capacity * 40);
    const beyond = run.refusals - run.requests * 0.05;
    assert.ok(beyond < capacity * 40 * 0.15, `${beyond} refusals beyond the random ones`);
    const late = run.limits.slice(capacity * 10).toSorted((a, b) => a - b);
    const median = late[late.length >> 1]!;
    assert.ok(median >= capacity * 0.75 && median <= capacity * 1.1, `${median} of ${capacity}`);
  }
});

Deno.test("a limit far too high falls within a few rounds", async () => {
  const limit = adaptiveLimit({ start: 200, max: 200 });
  const run = await simulate(limit, { ...provider, capacity: () => 10 }, 600);
  assert.ok(run.refusals < 600, `${run.refusals} refusals`);
  const late = run.limits.slice(300);
  assert.ok(Math.max(...late) <= 20, `at most ${Math.max(...late)}`);
});

Deno.test("a server that grows is used again", async () => {
  const limit = adaptiveLimit({ start: 8, max: 128 });
  const capacity = (ms: number) => ms < 10_000 ? 16 : 60;
  const run = await simulate(limit, { ...provider, capacity }, 6000);
  assert.ok(run.limits.at(-1)! > 40, `ends at ${run.limits.at(-1)}`);
});

Deno.test("a limit that is not used up does not grow", async () => {
  const limit = adaptiveLimit({ start: 4, max: 100 });
  for (let i = 0; i < 100; i++) {
    await limit.acquire();
    limit.release("ok");
  }
  assert.equal(limit.current, 4);
});
