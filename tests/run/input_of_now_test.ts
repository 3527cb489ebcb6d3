/** After a run, records and rejects are those of the input of now; nothing that was paid for is lost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { InputError, RunError } from "../../lib/core/errors.ts";
import type { BadRow } from "../../lib/io/rows/bad_rows.ts";
import { runStage } from "../../lib/run/run_stage.ts";
import { doubling, inFolder, type Item, lines, part, quiet } from "./doubling.ts";

const item = (id: string, text = `text of ${id}`): Item => ({ id, text, where: `items:${id}` });

/** Runs over these items; says which were worked on. */
async function over(
  out: string,
  items: (Item | BadRow)[],
  changes: Partial<Parameters<typeof doubling>[2]> = {},
) {
  const worked: string[] = [], said: string[] = [];
  const stage = doubling(out, 0, {
    async *read() {
      for (const each of items) yield await Promise.resolve(each);
    },
    ...changes,
  });
  const { manifest } = await runStage({
    ...stage,
    work: (given, call) => {
      worked.push(given.id);
      return stage.work(given, call);
    },
  }, { ...quiet, progress: "plain", log: (line) => said.push(line) });
  const ids = lines(part(out)).map(({ id }) => id!);
  return { manifest, worked, said: said.at(-1)!, ids };
}

Deno.test("prompts taken out of the input are set aside, and cost nothing when they come back", () =>
  inFolder(async (out) => {
    const all = ["a", "b", "c", "d", "e"].map((id) => item(id));
    await over(out, all);
    const whole = Deno.readTextFileSync(part(out));
    const fewer = await over(out, [all[1]!, all[3]!]);
    assert.deepEqual([fewer.worked, fewer.ids], [[], ["b", "d"]]);
    assert.deepEqual([fewer.manifest.counts.kept, fewer.manifest.counts.set_aside], [2, 3]);
    assert.match(fewer.said, /nothing to do.*3 set aside/);
    const back = await over(out, all);
    assert.deepEqual([back.worked, back.manifest.counts.set_aside], [[], 0]);
    assert.equal(Deno.readTextFileSync(part(out)), whole);
    const again = await over(out, all.slice(0, 2));
    assert.deepEqual([again.ids, again.manifest.counts.set_aside], [["a", "b"], 3]);
  }));

Deno.test("another input in the same OUT, and a lower limit, leave only what they name", () =>
  inFolder(async (out) => {
    await over(out, [item("a"), item("b"), item("c")]);
    const other = await over(out, [item("x"), item("b")]);
    assert.deepEqual([other.worked, other.ids], [["x"], ["x", "b"]]);
    const limited = await over(out, [item("x"), item("b")], { limit: 1 });
    assert.deepEqual([limited.worked, limited.ids], [[], ["x"]]);
  }));

Deno.test("a mended text is done again, and the old one again costs nothing", () =>
  inFolder(async (out) => {
    const before = [item("a"), item("b", "a tpyo")], after = [item("a"), item("b", "a typo")];
    await over(out, before);
    const mended = await over(out, after);
    assert.deepEqual([mended.worked, mended.ids], [["b"], ["a", "b"]]);
    const undone = await over(out, before);
    assert.deepEqual(undone.worked, []);
    assert.equal(lines(part(out))[1]!.twice, "a tpyoa tpyo");
    assert.deepEqual((await over(out, after)).worked, []);
  }));

Deno.test("rejects of prompts that are no more in the input are set aside too", () =>
  inFolder(async (out) => {
    const work = ({ id, text }: Item) =>
      Promise.resolve(
        id === "b" ? { reject: { reason: "unlucky", detail: "b" } } : {
          record: { id, twice: text },
        },
      );
    await over(out, [item("a"), item("b")], { work });
    const without = await over(out, [item("a")], { work });
    assert.deepEqual([without.manifest.counts.rejected, lines(part(out, "rejects")).length], [
      0,
      0,
    ]);
    const back = await over(out, [item("a"), item("b")], { work });
    assert.deepEqual([back.worked, back.manifest.counts.rejected], [[], 1]);
  }));

Deno.test("a reject never wins over a newer record, whatever was killed between them", () =>
  inFolder(async (out) => {
    const rejecting = ({ id, text }: Item) =>
      Promise.resolve(
        text === "old" ? { reject: { reason: "unlucky", detail: "old" } } : {
          record: { id, twice: text },
        },
      );
    await over(out, [item("a"), item("b", "old")], { work: rejecting });
    const rejects = Deno.readTextFileSync(part(out, "rejects"));
    await over(out, [item("a"), item("b", "new")], { work: rejecting });
    // As a process that was killed before it put its files in order left them.
    Deno.writeTextFileSync(part(out, "rejects"), rejects);
    const after = await over(out, [item("a"), item("b", "new")], { work: rejecting });
    assert.deepEqual([after.worked, after.ids], [[], ["a", "b"]]);
    assert.deepEqual(lines(part(out, "rejects")), []);
    // The same where a reject was asked again: its line and the record's are of equal content.
    const giveUp = () => Promise.resolve({ reject: { reason: "unlucky", detail: "c" } });
    const three = [item("a"), item("b", "new"), item("c")];
    await over(out, three, { work: giveUp });
    const given = Deno.readTextFileSync(part(out, "rejects"));
    await over(out, three, { work: rejecting, retryRejects: ["unlucky"] });
    Deno.writeTextFileSync(part(out, "rejects"), given);
    const again = await over(out, three, { work: giveUp });
    assert.deepEqual([again.worked, again.ids], [[], ["a", "b", "c"]]);
  }));

Deno.test("a row that says an earlier one again is passed over wherever it stands, in a run that goes on too", () =>
  inFolder(async (out) => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => item(id)) as [Item, Item, Item, Item];
    await over(out, [c, a]);
    const again = await over(out, [a, a, b, a, c, b, d, d]);
    assert.deepEqual([again.worked, again.ids], [["b", "d"], ["a", "b", "c", "d"]]);
    const { duplicates, kept } = again.manifest.counts;
    assert.deepEqual([duplicates, kept], [4, 4]);
    const shard = { index: 1, count: 2 };
    const half = doubling(join(out, "half"), 0, {
      shard,
      async *read() {
        for (const each of [a, b, b, a, c, c, d]) yield await Promise.resolve(each);
      },
    });
    await runStage(half, quiet);
    const path = join(out, "half", "records", "part-00001-of-00002.jsonl");
    assert.deepEqual(lines(path).map(({ id }) => id), ["c", "d"]);
  }));

Deno.test("a row that is new between the two readings ends the run: what stands where has moved", () =>
  inFolder(async (out) => {
    let readings = 0;
    const stage = doubling(out, 0, {
      async *read() {
        if (readings++ > 0) yield item("new");
        for (const id of ["a", "b"]) yield await Promise.resolve(item(id));
      },
    });
    await assert.rejects(runStage(stage, quiet), /items:new: the input changed while it was read/);
  }));

Deno.test("input that changes between its two readings ends the run, with what is done saved", () =>
  inFolder(async (out) => {
    let readings = 0;
    const changing = (second: Item[]) =>
      doubling(out, 0, {
        async *read() {
          const items = readings++ === 0 ? [item("a"), item("b"), item("c")] : second;
          for (const each of items) yield await Promise.resolve(each);
        },
      });
    for (const second of [[item("a")], [item("a"), item("b", "other"), item("c")]]) {
      readings = 0;
      await assert.rejects(
        runStage(changing(second), quiet),
        (error) =>
          error instanceof RunError && /changed while it was read.*run again/.test(error.message),
      );
      assert.deepEqual(lines(part(out)).map(({ id }) => id), ["a"]);
    }
    const { worked } = await over(out, [item("a"), item("b"), item("c")]);
    assert.deepEqual(worked, ["b", "c"]);
  }));

Deno.test("a file that is written to while it is worked on is noticed, though nothing was left to read", () =>
  inFolder(async (out) => {
    const folder = await Deno.makeTempDir(), path = join(folder, "items");
    Deno.writeTextFileSync(path, "one\n");
    const { hashInputs } = await import("../../lib/io/inputs/hash_inputs.ts");
    Deno.renameSync(path, `${path}.jsonl`);
    const inputs = await hashInputs(`${path}.jsonl`);
    const stage = doubling(out, 2, {
      inputs,
      work: ({ id, text }) => {
        Deno.writeTextFileSync(`${path}.jsonl`, "two\n");
        return Promise.resolve({ record: { id, twice: text } });
      },
    });
    await assert.rejects(runStage(stage, quiet), /items\.jsonl: changed while it was read/);
    assert.equal(JSON.parse(Deno.readTextFileSync(join(out, "manifest.json"))).status, "partial");
    await Deno.remove(folder, { recursive: true });
  }));

Deno.test("rows are counted for their file where one path begins another", () =>
  inFolder(async (out) => {
    const { manifest } = await over(out, [
      { id: "a", text: "1", where: "in/x.json:1" },
      { id: "b", text: "2", where: "in/x.jsonl:1" },
      { id: "c", text: "3", where: "in/x.jsonl:2" },
    ], { inputs: ["in/x.json", "in/x.jsonl"].map((path) => ({ path, sha256: "" })) });
    assert.deepEqual(manifest.inputs.map(({ rows }) => rows), [1, 2]);
  }));

Deno.test("bad rows are rejects under the share, and the totals balance by id", () =>
  inFolder(async (out) => {
    const bad: BadRow = {
      id: "tool",
      where: "items:3",
      fault: { reason: "bad_row", detail: "items:3: a tool's turn" },
    };
    const items = [item("a"), item("b"), bad, item("a", "another text"), item("c")];
    const { manifest, worked, ids } = await over(out, items, { maxBadRows: 0.5 });
    assert.deepEqual([worked, ids], [["a", "b", "c"], ["a", "b", "c"]]);
    const { input, kept, rejected, pending, rejected_by_reason } = manifest.counts;
    assert.deepEqual([input, kept, rejected, pending], [5, 3, 2, 0]);
    assert.deepEqual(rejected_by_reason, { bad_row: 1, id_conflict: 1 });
    const [first, second] = lines(part(out, "rejects"));
    assert.deepEqual([first!.id, first!.detail], ["tool", "items:3: a tool's turn"]);
    assert.match(second!.detail!, /^items:a: id "a" stands in an earlier row with other content/);
    assert.deepEqual((await over(out, items, { maxBadRows: 0.5 })).worked, []);
    await assert.rejects(
      over(out, items, { maxBadRows: 0.3 }),
      (error) =>
        error instanceof InputError &&
        /2 of 5 rows cannot be taken \(40%; --max-bad-rows 0.3.*items:3: a tool's turn; /.test(
          error.message,
        ),
    );
  }));

Deno.test("rejects are done again when they are asked for by their reason", () =>
  inFolder(async (out) => {
    let lucky = false;
    const work = ({ id, text }: Item) =>
      Promise.resolve(
        id === "a" || lucky
          ? { record: { id, twice: text } }
          : { reject: { reason: "unlucky", detail: "" } },
      );
    const items = [item("a"), item("b"), item("c")];
    await over(out, items, { work });
    lucky = true;
    assert.deepEqual((await over(out, items, { work })).worked, []);
    const retried = await over(out, items, { work, retryRejects: ["unlucky"] });
    assert.deepEqual([retried.worked, retried.ids], [["b", "c"], ["a", "b", "c"]]);
    assert.equal(retried.manifest.counts.rejected, 0);
    await assert.rejects(over(out, items, { work, retryRejects: ["unluky"] }), InputError);
  }));

Deno.test("a shard made with other options is refused by name, also where it began meanwhile (5)", () =>
  inFolder(async (out) => {
    const shard = (index: number, factor: number) =>
      doubling(out, 10, {
        shard: { index, count: 2 },
        options: { factor },
        affects: { factor },
      });
    const isRefused = (error: unknown) =>
      error instanceof InputError && /shard 0\/2 .*factor 2 \(now 3\)/.test(error.message);
    let asked = 0;
    const late = shard(1, 3), { read, work } = late;
    late.read = async function* () {
      // The other one runs while this one surveys its input.
      await runStage(shard(0, 2), quiet);
      yield* read();
    };
    late.work = (item, call) => {
      asked++;
      return work(item, call);
    };
    await assert.rejects(runStage(late, quiet), isRefused);
    await assert.rejects(runStage(shard(1, 3), quiet), isRefused);
    assert.equal(asked, 0);
    await runStage(shard(1, 2), quiet);
  }));

Deno.test("of two shards that begin at the same time with other options one says so at its end (5)", () =>
  inFolder(async (out) => {
    const ends = await Promise.allSettled([2, 3].map((factor, index) =>
      runStage(
        doubling(out, 6, {
          shard: { index, count: 2 },
          options: { factor },
          affects: { factor },
          work: async ({ id, text }) => {
            await new Promise((resolve) => setTimeout(resolve, 10));
            return { record: { id, twice: text } };
          },
        }),
        quiet,
      )
    ));
    const reasons = ends.map((end) => end.status === "rejected" ? `${end.reason.message}` : "");
    assert.match(reasons.join("\n"), /its shard \d\/2 .* was made with factor/);
  }));

Deno.test("shards of another input are not done, until they are run again", () =>
  inFolder(async (out) => {
    const status = () => JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
    const shard = (index: number, count: number) =>
      runStage(doubling(out, count, { shard: { index, count: 2 } }), quiet);
    await shard(0, 10);
    await shard(1, 10);
    assert.deepEqual([status().status, status().shards.done], ["done", [0, 1]]);
    await shard(0, 20);
    assert.deepEqual([status().status, status().shards.done], ["partial", [0]]);
    await shard(1, 20);
    assert.deepEqual([status().status, status().counts.kept], ["done", 20]);
    const ids = [0, 1].flatMap((index) =>
      lines(join(out, "records", `part-0000${index}-of-00002.jsonl`)).map(({ id }) => id)
    );
    assert.deepEqual(ids, Array.from({ length: 20 }, (_, at) => `item-${at}`));
  }));
