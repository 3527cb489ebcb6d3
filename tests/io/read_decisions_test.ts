import assert from "node:assert/strict";
import { readDecisionLines, readDecisions } from "../../lib/io/records/read_decisions.ts";
import { all, inTemp, put, refuses } from "./temp.ts";

Deno.test("of several decisions on a prompt the last line counts", () =>
  inTemp(async (dir) => {
    const lines = [
      '{"id":"a","action":"exclude","comment":"echo"}',
      '{"id":"b","action":"flag"}',
      "",
      '{"id":"a","action":"pair","chosen":2,"rejected":0}',
    ];
    const path = await put(`${dir}/decisions.jsonl`, lines.join("\n"));
    const decisions = await readDecisions(path);
    assert.deepEqual([...decisions.values()], [
      { id: "a", action: "pair", chosen: 2, rejected: 0 },
      { id: "b", action: "flag" },
    ]);
    assert.equal((await all(readDecisionLines(path))).length, 3);
  }));

Deno.test("a decision that breaks a rule is refused with its line, its field and the rule", () =>
  inTemp(async (dir) => {
    const broken: [line: string, ...said: string[]][] = [
      ['{"id":"a","action":"keep"}', "action"],
      ['{"action":"exclude"}', "id"],
      ['{"id":"a","action":"pair","chosen":1}', "rejected", "a pair needs it"],
      ['{"id":"a","action":"pair","chosen":1,"rejected":1}', "rejected", "another reply"],
      ['{"id":"a","action":"exclude","chosen":1}', "chosen", "goes with a pair"],
      ['{"id":"a","act', "not JSON"],
    ];
    for (const [line, ...said] of broken) {
      const path = await put(`${dir}/decisions.jsonl`, `{"id":"x","action":"flag"}\n${line}\n`);
      await refuses(readDecisionLines(path), `${path}:2`, ...said);
    }
    await refuses(readDecisionLines(`${dir}/none.jsonl`), "none.jsonl");
  }));
