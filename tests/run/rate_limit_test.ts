import assert from "node:assert/strict";
import { rateLimit } from "../../lib/run/rate_limit.ts";
import { virtualClock } from "./virtual_clock.ts";

const openai = (limit: number, remaining: number, reset: string, kind = "requests") =>
  new Headers({
    [`x-ratelimit-limit-${kind}`]: String(limit),
    [`x-ratelimit-remaining-${kind}`]: String(remaining),
    [`x-ratelimit-reset-${kind}`]: reset,
  });

Deno.test("requests keep to the requests a minute that were set, in order of asking", async () => {
  const clock = virtualClock();
  const rate = rateLimit({ ...clock, requestsPerMinute: 60 });
  const times: number[] = [];
  const ask = async () => {
    await rate.take(100);
    times.push(clock.now());
  };
  await clock.run(Promise.all(Array.from({ length: 66 }, ask)));
  assert.deepEqual(times.slice(0, 6), [0, 0, 0, 0, 0, 0]);
  assert.equal(Math.round(times.at(-1)!), 60_000);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

Deno.test("tokens keep to the tokens a minute, and guesses are put right", async () => {
  const clock = virtualClock();
  const rate = rateLimit({ ...clock, tokensPerMinute: 6_000 });
  await clock.run(rate.take(600));
  await clock.run(rate.take(1_000));
  assert.equal(Math.round(clock.now()), 10_000);
  rate.settle(1_000, 2_000);
  await clock.run(rate.take(0));
  assert.equal(Math.round(clock.now()), 20_000);
});

Deno.test("no limit, no wait", async () => {
  const clock = virtualClock(5);
  const rate = rateLimit(clock);
  await rate.take(1e9);
  assert.equal(clock.now(), 5);
});

Deno.test("a server that says nothing remains is left alone until something does", async () => {
  const clock = virtualClock();
  const rate = rateLimit(clock);
  rate.observe(openai(600, 500, "10s"));
  await clock.run(rate.take(1));
  assert.equal(clock.now(), 0);
  rate.observe(openai(600, 0, "60s"));
  const times: number[] = [];
  const ask = async () => {
    await rate.take(1);
    times.push(Math.round(clock.now()));
  };
  await clock.run(Promise.all([ask(), ask(), ask()]));
  assert.deepEqual(times, [100, 200, 300]);
});

Deno.test("a limit a day is spread over its reset, not over a minute", async () => {
  const clock = virtualClock();
  const rate = rateLimit(clock);
  rate.observe(openai(100, 0, "24h"));
  await clock.run(rate.take(1));
  assert.equal(Math.round(clock.now()), 864_000);
});

Deno.test("tokens that remain are learnt too, and odd headers are let be", async () => {
  const clock = virtualClock();
  const rate = rateLimit(clock);
  rate.observe(new Headers({ "x-ratelimit-limit-requests": "many" }));
  rate.observe(openai(0, 0, "1s"));
  await clock.run(rate.take(10_000));
  assert.equal(clock.now(), 0);
  rate.observe(openai(60_000, 500, "59.5s", "tokens"));
  await clock.run(rate.take(1_500));
  assert.equal(Math.round(clock.now()), 1_000);
});
