import assert from "node:assert/strict";
import { defaultContext } from "../../lib/core/context.ts";
import { rateLimit } from "../../lib/run/rate_limit.ts";

Deno.test("a wait of more than 24.8 days does not end at once, whoever asks for it (22)", async () => {
  const { sleep, monotonic } = defaultContext();
  const stop = new AbortController();
  let over = 0;
  const limit = rateLimit({ monotonic, sleep, requestsPerMinute: 1 / 60 / 24 / 30 });
  const waits = [
    sleep(2 ** 31, stop.signal),
    sleep(2 ** 33, stop.signal),
    limit.take(1, stop.signal).then(() => limit.take(1, stop.signal)),
  ].map((wait) => wait.then(() => over++, () => {}));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(over, 0);
  stop.abort(new Error("enough"));
  await Promise.all(waits);
});
