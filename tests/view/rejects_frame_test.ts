import assert from "node:assert/strict";
import { join } from "node:path";
import pl from "nodejs-polars";
import { InputError } from "../../lib/core/errors.ts";
import { rejectsFrame } from "../../lib/view/rejects_frame.ts";
import { inFolder } from "../cli.ts";

const line = (id: string) => JSON.stringify({ id, stage: "s", reason: "r", detail: `d ${id}` });

Deno.test("the rejects of all parts of a run make one frame, and of none an empty one with types", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "rejects"));
    const none = await rejectsFrame(folder);
    assert.deepEqual([none.height, none.columns], [0, ["id", "stage", "reason", "detail"]]);
    for (const type of none.dtypes) assert.equal(String(type), String(pl.String));
    await Deno.writeTextFile(join(folder, "rejects", "part-1.jsonl"), line("b") + "\n");
    await Deno.writeTextFile(join(folder, "rejects", "part-0.jsonl"), line("a") + "\n");
    const frame = await rejectsFrame(folder);
    assert.deepEqual(frame.getColumn("id").toArray(), ["a", "b"]);
    assert.deepEqual(frame.getColumn("detail").toArray(), ["d a", "d b"]);
  });
});

Deno.test("a dataset's rejects are one file, and a line that is none is named", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(rejectsFrame(folder), InputError);
    await Deno.writeTextFile(join(folder, "rejects.jsonl"), `${line("a")}\n{"id":1}\n`);
    await assert.rejects(rejectsFrame(folder), /rejects\.jsonl:2: not a reject/);
  });
});
