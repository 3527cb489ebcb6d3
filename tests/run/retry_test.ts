import assert from "node:assert/strict";
import { ModelError } from "../../lib/core/errors.ts";
import { withRetries } from "../../lib/run/retry.ts";

/** Runs a call that fails with `errors`, then succeeds; the waits are kept, not slept. */
async function waitsOf(errors: Error[], random = () => 0.5) {
  const waits: number[] = [];
  const sleep = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  let calls = 0;
  const result = await withRetries((attempt) => {
    assert.equal(attempt, calls++);
    const error = errors[attempt];
    return error ? Promise.reject(error) : Promise.resolve("done");
  }, { attempts: 5, random, sleep }).catch((error) => error);
  return { waits, result, calls };
}

const busy = new ModelError("retry", "busy");

Deno.test("waits double and are drawn from the whole interval", async () => {
  assert.deepEqual((await waitsOf([busy, busy, busy])).waits, [500, 1000, 2000]);
  assert.deepEqual((await waitsOf([busy, busy, busy], () => 0)).waits, [0, 0, 0]);
});

Deno.test("the first wait after a refusal for too many requests is half as long", async () => {
  const throttled = new ModelError("retry", "too many", { throttled: true });
  assert.deepEqual((await waitsOf([throttled, throttled, busy])).waits, [250, 1000, 2000]);
});

Deno.test("no wait is shorter than the server asked for", async () => {
  const asked = new ModelError("retry", "slow down", { retryAfterMs: 7_000 });
  const { waits } = await waitsOf([asked, asked], () => 0.25);
  assert.deepEqual(waits, [7_250, 7_250]);
});

Deno.test("what cannot pass is not tried again, and the last error is thrown in the end", async () => {
  for (const kind of ["reject", "fatal"] as const) {
    const error = new ModelError(kind, "no");
    assert.deepEqual(await waitsOf([error]), { waits: [], result: error, calls: 1 });
  }
  const bug = new TypeError("bug");
  assert.equal((await waitsOf([bug])).result, bug);
  const last = new ModelError("retry", "last");
  const { result, calls } = await waitsOf([busy, busy, busy, busy, last]);
  assert.deepEqual([result, calls], [last, 5]);
});
