import assert from "node:assert/strict";
import { StatusLine } from "../../lib/run/status_line.ts";

/** What is shown of a line a tenth of a second for 21 seconds; the first is due when some have passed. */
function shownOf(progress: "auto" | "plain" | "none", isTerminal: boolean) {
  const written: string[] = [], logged: string[] = [];
  const line = new StatusLine(
    { progress, log: (text) => void logged.push(text), monotonic: () => 0 },
    { isTerminal, write: (text) => void written.push(text) },
  );
  for (let now = 100; now <= 21_000; now += 100) if (line.isDue(now)) line.show(`${now}`, now);
  line.clear();
  line.leave();
  return { written, logged };
}

Deno.test("a terminal's line is written over five times a second, taken away and left", () => {
  const { written, logged } = shownOf("auto", true);
  assert.deepEqual(logged, []);
  assert.deepEqual(written.slice(0, 2), ["\r\x1b[2K200", "\r\x1b[2K400"]);
  assert.deepEqual(written.slice(-2), ["\r\x1b[2K", "\n"]);
  assert.equal(written.length, 105 + 2);
});

Deno.test("elsewhere, or where plain lines are asked for, there is one every ten seconds", () => {
  for (const [progress, isTerminal] of [["auto", false], ["plain", true]] as const) {
    assert.deepEqual(shownOf(progress, isTerminal), { written: [], logged: ["10000", "20000"] });
  }
  assert.deepEqual(shownOf("none", true), { written: [], logged: [] });
});

Deno.test("a clock that goes back holds no line back", () => {
  const context = { progress: "plain" as const, log: () => {}, monotonic: () => 60_000 };
  const line = new StatusLine(context);
  assert.deepEqual([line.isDue(60_000), line.isDue(59_000)], [false, true]);
});
