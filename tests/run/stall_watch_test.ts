import assert from "node:assert/strict";
import { stallWatch } from "../../lib/run/stall_watch.ts";

Deno.test("silence is told of while requests are out, and only then", async () => {
  const lines: string[] = [];
  const { promise: told, resolve } = Promise.withResolvers<void>();
  const log = (line: string) => {
    lines.push(line);
    resolve();
  };
  const watch = stallWatch({
    monotonic: () => performance.now(),
    log,
    quietMs: 20,
    timeoutMs: 5_000,
  });
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.deepEqual(lines, []);
  const leave = watch.enter();
  // The watch's own timer does not keep a process alive, so this one does.
  const alive = setTimeout(() => {}, 10_000);
  await told;
  clearTimeout(alive);
  leave();
  watch.close();
  assert.match(lines[0]!, /^nothing has come back for \d+ s: 1 requests are out, the oldest/);
});
