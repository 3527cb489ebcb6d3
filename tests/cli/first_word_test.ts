import assert from "node:assert/strict";
import { firstWord } from "../../lib/cli/first_word.ts";
import { defaultContext } from "../../lib/core/context.ts";

const CLEAR = "\r\x1b[2K";
const terminal = (isTerminal: boolean, shown: string[]) => ({
  isTerminal,
  write: (text: string) => void shown.push(text),
});

Deno.test("on a terminal a command says at once that it is at work, and takes it back", () => {
  const shown: string[] = [];
  const outside = defaultContext({ progress: "auto", log: (line) => shown.push(`${line}\n`) });
  const { context, end } = firstWord("build-sft", outside, terminal(true, shown));
  assert.match(shown[0]!, /build-sft: at work/);
  context.log("a warning");
  assert.deepEqual(shown.slice(1), [CLEAR, "a warning\n"]);
  end();
  assert.equal(shown.length, 3);
});

Deno.test("elsewhere it says so after some seconds of silence, and nothing where it is told not to", () => {
  const shown: string[] = [];
  const log = (line: string) => shown.push(line);
  const quick = firstWord(
    "verify",
    defaultContext({ progress: "plain", log }),
    terminal(false, shown),
  );
  quick.context.log("done");
  quick.end();
  firstWord("verify", defaultContext({ progress: "none", log }), terminal(true, shown)).end();
  assert.deepEqual(shown, ["done"]);
});
