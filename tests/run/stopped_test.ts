/** A process that was stopped (SIGSTOP, a laptop's lid) hears its sockets before its timers. */
import assert from "node:assert/strict";
import { defaultContext } from "../../lib/core/context.ts";
import { patience } from "../../lib/run/patience.ts";
import { rateLimit } from "../../lib/run/rate_limit.ts";
import { withTimeLimit } from "../../lib/run/time_limit.ts";

/** A server in a thread of its own, which goes on while this one is stopped. */
async function slowServer(ms: number) {
  const code = `
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => postMessage(port) },
      async () => {
        await new Promise((resolve) => setTimeout(resolve, ${ms}));
        return new Response("here");
      });`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const port = await new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
  return { url: `http://127.0.0.1:${port}`, close: () => worker.terminate() };
}

/** Stops this thread, its timers and its sockets, as SIGSTOP does a process. */
function stop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("a reply that came while the process was stopped beyond its time limit is kept (55)", async () => {
  const server = await slowServer(300);
  const asked = withTimeLimit(1_000, undefined, async (signal) => {
    return await (await fetch(server.url, { signal })).text();
  });
  await pause(50);
  stop(3_000);
  assert.equal(await asked, "here");
  server.close();
});

Deno.test("patience hears what came while the process was stopped before it gives anything up (55)", async () => {
  const server = await slowServer(300);
  const patient = patience({
    monotonic: () => performance.now(),
    replies: 1,
    times: 1,
    leastMs: 500,
    everyMs: 100,
  });
  const ask = (id: string) =>
    patient.call(id, undefined, async (signal) => {
      return await (await fetch(server.url, { signal })).text();
    });
  await ask("first");
  const asked = ["a", "b", "c"].map(ask);
  await pause(50);
  stop(2_500);
  assert.deepEqual(await Promise.all(asked), ["here", "here", "here"]);
  patient.close();
  server.close();
});

Deno.test("a wall clock set back an hour holds no request back (55)", async () => {
  let wall = Date.now();
  const slept: number[] = [];
  const sleep = (ms: number) => Promise.resolve(void slept.push(ms));
  const rate = rateLimit({
    ...defaultContext({ now: () => wall, sleep }),
    requestsPerMinute: 600,
  });
  await rate.take(1);
  wall -= 3_600_000;
  for (let i = 0; i < 100; i++) await rate.take(1);
  assert.ok(Math.max(...slept) < 60_000, `slept ${Math.max(...slept)} ms`);
});
