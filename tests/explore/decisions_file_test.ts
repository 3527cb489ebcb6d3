import assert from "node:assert/strict";
import { InputError } from "../../lib/core/errors.ts";
import { DecisionsFile } from "../../lib/explore/decisions_file.ts";
import { readDecisions } from "../../lib/io/read_decisions.ts";
import { inTemp } from "../io/temp.ts";

const actions = (file: DecisionsFile) =>
  [...file.decisions.values()].map(({ id, action }) => `${id}: ${action}`);

Deno.test("decisions are lines as they are made, are read back, and undoing takes them out again", () =>
  inTemp(async (dir) => {
    const path = `${dir}/decisions.jsonl`;
    const file = await DecisionsFile.open(path);
    file.decide([{ id: "a", action: "exclude", comment: "echo" }]);
    file.decide([{ id: "a", action: "flag" }, { id: "b", action: "pair", chosen: 1, rejected: 0 }]);
    assert.equal(
      await Deno.readTextFile(path),
      '{"id":"a","action":"exclude","comment":"echo"}\n{"id":"a","action":"flag"}\n' +
        '{"id":"b","action":"pair","chosen":1,"rejected":0}\n',
    );
    assert.deepEqual(actions(await DecisionsFile.open(path)), ["a: flag", "b: pair"]);
    file.undo();
    assert.deepEqual(actions(file), ["a: exclude"]);
    assert.equal((await readDecisions(path)).get("a")!.action, "exclude");
    file.clear(["a"]);
    assert.equal(await Deno.readTextFile(path), "");
    file.undo();
    assert.deepEqual(actions(file), ["a: exclude"]);
    file.undo();
    assert.equal(file.canUndo, false);
    file.undo();
    assert.deepEqual(actions(await DecisionsFile.open(path)), []);
  }));

Deno.test("a file that was edited by hand gets a new line, and one that changed meanwhile is let be", () =>
  inTemp(async (dir) => {
    const path = `${dir}/decisions.jsonl`;
    await Deno.writeTextFile(path, '{"id":"a","action":"flag"}');
    const file = await DecisionsFile.open(path);
    file.decide([{ id: "b", action: "exclude" }]);
    assert.deepEqual([...(await readDecisions(path)).keys()], ["a", "b"]);
    await Deno.writeTextFile(path, '{"id":"c","action":"flag"}\n', { append: true });
    for (const change of [() => file.undo(), () => file.decide([{ id: "d", action: "flag" }])]) {
      assert.throws(
        change,
        (error: unknown) =>
          error instanceof InputError && error.message.includes("changed by another program"),
      );
    }
    assert.deepEqual([...(await readDecisions(path)).keys()], ["a", "b", "c"]);
  }));
