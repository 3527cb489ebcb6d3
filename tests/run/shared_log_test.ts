import assert from "node:assert/strict";
import { join } from "node:path";
import { SharedLog } from "../../lib/run/shared_log.ts";
import { inFolder } from "../cli.ts";

const HEADING = '{"heading":1}';
const lib = new URL("../../lib/run/shared_log.ts", import.meta.url).href;

/** A process that adds so many lines of different lengths. */
function writer(path: string, name: number, lines: number): Promise<Deno.CommandOutput> {
  const code = `
    import { SharedLog } from ${JSON.stringify(lib)};
    const log = await SharedLog.open(${JSON.stringify(path)}, ${JSON.stringify(HEADING)}, "no");
    await Promise.all(Array.from({ length: ${lines} }, (_, i) =>
      log.append(JSON.stringify({ writer: ${name}, i, text: "ä".repeat(i * 37 % 5000) }))));
    log.check();
    log.close();`;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `data:text/typescript,${encodeURIComponent(code)}`],
    stderr: "piped",
  }).output();
}

Deno.test("processes that share a file of lines lose none and tear none (54)", () =>
  inFolder(async (folder) => {
    const path = join(folder, "shared.jsonl");
    const ended = await Promise.all([0, 1, 2].map((name) => writer(path, name, 200)));
    for (const { success, stderr } of ended) assert.ok(success, new TextDecoder().decode(stderr));
    const [first, ...lines] = Deno.readTextFileSync(path).trimEnd().split("\n");
    assert.equal(first, HEADING);
    const seen = new Set(
      lines.map((line) => JSON.parse(line)).map(({ writer, i }) => `${writer}/${i}`),
    );
    assert.equal(seen.size, 600);
    assert.equal(lines.length, 600);
  }));

Deno.test("what a killed process left of a line, or of the first one, is written over", () =>
  inFolder(async (folder) => {
    const path = join(folder, "torn.jsonl");
    for (
      const torn of [
        "",
        '{"head',
        `${HEADING}\n{"a":`,
        `${HEADING}\n{"b":1}\n${"x".repeat(70_000)}`,
      ]
    ) {
      Deno.writeTextFileSync(path, torn);
      const log = await SharedLog.open(path, HEADING, "not ours");
      await log.append('{"c":2}');
      log.check();
      log.close();
      const whole = torn.split("\n").slice(1, -1);
      assert.deepEqual(Deno.readTextFileSync(path), [HEADING, ...whole, '{"c":2}', ""].join("\n"));
    }
    Deno.writeTextFileSync(path, "somebody's data\n");
    await assert.rejects(SharedLog.open(path, HEADING, "not ours"), /torn.jsonl: not ours/);
    assert.equal(Deno.readTextFileSync(path), "somebody's data\n");
  }));
