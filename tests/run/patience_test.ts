import assert from "node:assert/strict";
import { patience } from "../../lib/run/patience.ts";
import { withTimeLimit } from "../../lib/run/time_limit.ts";

Deno.test("a try that takes far longer than all others is given up, the next one later", async () => {
  let time = 0;
  const patient = patience({
    monotonic: () => time,
    replies: 3,
    times: 10,
    leastMs: 1_000,
    everyMs: 1,
  });
  const hang = () =>
    patient.call("x", undefined, () => new Promise<never>(() => {})).catch((error) => error);
  const early = hang();
  for (const id of ["a", "b", "c"]) {
    await patient.call(id, undefined, () => {
      time += 300;
      return Promise.resolve();
    });
  }
  const look = () => new Promise((resolve) => setTimeout(resolve, 20));
  const isOver = async (promise: Promise<unknown>) =>
    await Promise.race([promise.then(() => true), look().then(() => false)]);
  time = 2_900;
  assert.equal(await isOver(early), false);
  time = 3_000;
  assert.equal(await isOver(early), true);
  assert.match((await early).message, /no reply within 3 s, while others took far less/);
  const second = hang();
  time += 11_900;
  assert.equal(await isOver(second), false);
  time += 100;
  assert.equal(await isOver(second), true);
  patient.close();
});

Deno.test("a call that ignores its signal is given up all the same, and told to stop", async () => {
  let told: AbortSignal | undefined;
  const never = withTimeLimit(5, undefined, (signal) => {
    told = signal;
    return new Promise<never>(() => {});
  });
  await assert.rejects(never, { kind: "retry", message: "no reply within 0.005 s" });
  assert.ok(told!.aborted);
});

Deno.test("a stop goes before the bound, with its own reason", async () => {
  const stop = new AbortController();
  const call = withTimeLimit(1_000, stop.signal, () => new Promise<never>(() => {}));
  stop.abort(new DOMException("enough", "AbortError"));
  await assert.rejects(call, { name: "AbortError" });
  await assert.rejects(withTimeLimit(1, stop.signal, () => Promise.resolve()), /enough/);
});
