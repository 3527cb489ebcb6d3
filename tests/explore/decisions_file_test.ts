import assert from "node:assert/strict";
import { InputError } from "../../lib/core/errors.ts";
import { DecisionsFile } from "../../lib/explore/decisions_file.ts";
import { readDecisions } from "../../lib/io/records/read_decisions.ts";
import { inTemp } from "../io/temp.ts";

const actions = (file: DecisionsFile) =>
  [...file.decisions.values()].map(({ id, action }) => `${id}: ${action}`);

Deno.test("decisions are lines as they are made, are read back, and undoing takes them out again", () =>
  inTemp(async (dir) => {
    const path = `${dir}/decisions.jsonl`;
    const file = await DecisionsFile.open(path);
    await file.decide([{ id: "a", action: "exclude", comment: "echo" }]);
    await file.decide([{ id: "a", action: "flag" }, {
      id: "b",
      action: "pair",
      chosen: 1,
      rejected: 0,
    }]);
    assert.equal(
      await Deno.readTextFile(path),
      '{"id":"a","action":"exclude","comment":"echo"}\n{"id":"a","action":"flag"}\n' +
        '{"id":"b","action":"pair","chosen":1,"rejected":0}\n',
    );
    assert.deepEqual(actions(await DecisionsFile.open(path)), ["a: flag", "b: pair"]);
    await file.undo();
    assert.deepEqual(actions(file), ["a: exclude"]);
    assert.equal((await readDecisions(path)).get("a")!.action, "exclude");
    await file.clear(["a"]);
    assert.equal(await Deno.readTextFile(path), "");
    await file.undo();
    assert.deepEqual(actions(file), ["a: exclude"]);
    await file.undo();
    assert.equal(file.canUndo, false);
    await file.undo();
    assert.deepEqual(actions(await DecisionsFile.open(path)), []);
  }));

Deno.test("a file that was edited by hand gets a new line, and one that changed meanwhile is read first", () =>
  inTemp(async (dir) => {
    const path = `${dir}/decisions.jsonl`;
    await Deno.writeTextFile(path, '{"id":"a","action":"flag"}');
    const file = await DecisionsFile.open(path);
    await file.decide([{ id: "b", action: "exclude" }]);
    assert.deepEqual([...(await readDecisions(path)).keys()], ["a", "b"]);
    const changes = [
      () => file.undo(),
      () => file.clear(["b"]),
      () => file.decide([{ id: "d", action: "flag" }]),
    ];
    for (const [at, change] of changes.entries()) {
      const text = await Deno.readTextFile(path);
      const added = `${text}{"id":"c${at}","action":"flag"}\n`;
      // As an editor writes it; as many bytes as before the first time.
      await Deno.writeTextFile(`${path}.new`, at === 0 ? text.replace('"a"', '"z"') : added);
      await Deno.rename(`${path}.new`, path);
      await assert.rejects(
        change(),
        (error: unknown) =>
          error instanceof InputError && error.message.includes("another program changed it"),
      );
    }
    assert.deepEqual([...(await readDecisions(path)).keys()], ["z", "b", "c1", "c2"]);
    assert.deepEqual([...file.decisions.keys()], ["z", "b", "c1", "c2"]);
    assert.equal(file.canUndo, false);
    await file.decide([{ id: "d", action: "flag" }]);
    assert.deepEqual([...(await readDecisions(path)).keys()], ["z", "b", "c1", "c2", "d"]);
  }));

Deno.test("a file that was emptied, removed or broken by hand is told of, and nothing is lost by us", () =>
  inTemp(async (dir) => {
    const path = `${dir}/decisions.jsonl`;
    const file = await DecisionsFile.open(path);
    await file.decide([{ id: "a", action: "flag" }, { id: "b", action: "flag" }]);
    await Deno.writeTextFile(path, "");
    await assert.rejects(file.decide([{ id: "c", action: "flag" }]), InputError);
    await file.decide([{ id: "c", action: "flag" }]);
    assert.deepEqual([...(await readDecisions(path)).keys()], ["c"]);
    await Deno.remove(path);
    await assert.rejects(file.undo(), InputError);
    await file.decide([{ id: "d", action: "flag" }]);
    assert.deepEqual([...(await readDecisions(path)).keys()], ["d"]);
    await Deno.writeTextFile(path, "no JSON\n");
    for (let time = 0; time < 2; time++) {
      await assert.rejects(file.decide([{ id: "e", action: "flag" }]), /decisions\.jsonl:1/);
    }
    assert.equal(await Deno.readTextFile(path), "no JSON\n");
  }));
