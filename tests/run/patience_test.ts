import assert from "node:assert/strict";
import { patience } from "../../lib/run/patience.ts";
import { withTimeLimit } from "../../lib/run/time_limit.ts";

Deno.test("a first try is bounded by the slowest reply so far, once there are enough; a second is not", () => {
  const patient = patience({ times: 10, leastMs: 1_000, replies: 3 });
  patient.served("a", 20);
  patient.served("b", 300);
  assert.equal(patient.boundFor("x"), undefined);
  patient.served("c", 30);
  assert.equal(patient.boundFor("x"), 3_000);
  patient.gaveUp("x");
  assert.equal(patient.boundFor("x"), undefined);
  assert.equal(patient.boundFor("y"), 3_000);
  patient.served("x", 9_000);
  assert.equal(patient.boundFor("x"), 90_000);
  const quick = patience({ times: 10, leastMs: 1_000, replies: 1 });
  quick.served("a", 5);
  assert.equal(quick.boundFor("b"), 1_000);
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
