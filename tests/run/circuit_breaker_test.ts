import assert from "node:assert/strict";
import { ModelError } from "../../lib/core/errors.ts";
import { circuitBreaker } from "../../lib/run/circuit_breaker.ts";
import { virtualClock } from "./virtual_clock.ts";

const busy = () => new ModelError("retry", "503");
const wrong = () => new ModelError("reject", "400", { reason: "bad_request" });

function setUp(options = {}) {
  const clock = virtualClock();
  const lines: string[] = [];
  const breaker = circuitBreaker({ ...clock, log: (line) => lines.push(line), ...options });
  return { clock, lines, breaker };
}

Deno.test("an outage is met one request at a time, ever more slowly, until a reply comes", async () => {
  const { clock, lines, breaker } = setUp({ failures: 5, failingMs: 1_000 });
  await breaker.call(() => Promise.resolve("ok"));
  let up = false;
  const sentAt: number[] = [];
  const send = () => {
    sentAt.push(clock.now());
    return up ? Promise.resolve("ok") : Promise.reject(busy());
  };
  const item = async () => {
    for (;;) {
      try {
        return await breaker.call(send);
      } catch {
        await clock.sleep(300);
        if (clock.now() > 120_000) up = true;
      }
    }
  };
  const replies = await clock.run(Promise.all(Array.from({ length: 30 }, item)));
  assert.ok(replies.every((reply) => reply === "ok"));
  const during = sentAt.filter((at) => at > 2_000 && at < 120_000);
  assert.ok(during.length <= 8, `${during.length} requests during the outage`);
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /failures in a row \(503\): trying one request at a time/);
  assert.equal(lines[1], "replies are coming again");
});

Deno.test("a burst of refusals is no outage", async () => {
  const { lines, breaker } = setUp({ failures: 5 });
  await breaker.call(() => Promise.resolve("ok"));
  for (let i = 0; i < 50; i++) await assert.rejects(breaker.call(() => Promise.reject(busy())));
  assert.equal(await breaker.call(() => Promise.resolve("ok")), "ok");
  assert.deepEqual(lines, []);
});

Deno.test("an outage that does not pass ends the run with the last failure", async () => {
  const { clock, breaker } = setUp({ failures: 3, failingMs: 0, giveUpMs: 600_000 });
  await breaker.call(() => Promise.resolve("ok"));
  const run = async () => {
    for (;;) {
      try {
        await breaker.call(() => Promise.reject(busy()));
      } catch (error) {
        if ((error as ModelError).kind === "fatal") throw error;
      }
    }
  };
  await assert.rejects(
    clock.run(run()),
    /nothing but failures for 1\d min, \d+ in a row; the last: 503/,
  );
});

Deno.test("first requests that are all refused as wrong end the run; later ones do not", async () => {
  const first = setUp({ rejects: 3 }).breaker;
  const kinds: string[] = [];
  for (let i = 0; i < 3; i++) {
    await first.call(() => Promise.reject(wrong())).catch((error) => kinds.push(error.kind));
  }
  assert.deepEqual(kinds, ["reject", "reject", "fatal"]);
  const later = setUp({ rejects: 3 }).breaker;
  await later.call(() => Promise.resolve("ok"));
  for (let i = 0; i < 9; i++) {
    await assert.rejects(later.call(() => Promise.reject(wrong())), { kind: "reject" });
  }
});

Deno.test("a server that has never answered ends the run in half a minute; a busy one does not", async () => {
  const failing = async (error: ModelError) => {
    const { clock, lines, breaker } = setUp();
    let sent = 0;
    const item = async () => {
      for (;;) {
        try {
          await breaker.call(() => {
            sent++;
            return Promise.reject(error);
          });
        } catch (error) {
          if ((error as ModelError).kind === "fatal") return `${(error as ModelError).message}`;
          await clock.sleep(500);
        }
      }
    };
    const end = await clock.run(Promise.race(Array.from({ length: 300 }, item)));
    return { sent, ms: clock.now(), end, lines };
  };
  const wrong = await failing(busy());
  assert.match(wrong.end, /no reply has come in 3\d s and \d+ requests; the last: 503/);
  assert.match(wrong.lines[0]!, /failures in a row \(503\): trying one request at a time/);
  assert.ok(wrong.ms < 40_000 && wrong.sent <= 310, `${wrong.sent} requests in ${wrong.ms} ms`);
  const limited = await failing(new ModelError("retry", "429", { throttled: true }));
  assert.match(limited.end, /nothing but failures for 60 min/);
});

Deno.test("a failure that is no outage closes the circuit", async () => {
  const { breaker, lines } = setUp({ failures: 2, failingMs: 0 });
  const refused = new ModelError("retry", "takes no seed", { outage: false });
  for (let i = 0; i < 9; i++) await assert.rejects(breaker.call(() => Promise.reject(refused)));
  assert.deepEqual(lines, []);
});
