/** What a proof left, read again and drawn. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { kindsChart, proofCharts } from "../../lib/prove/proof_charts.ts";
import { readProofs } from "../../lib/prove/proof_file.ts";
import { writeProofPage } from "../../lib/prove/proof_page.ts";
import { inFolder } from "../cli.ts";

const RECORDED = "notebooks/recorded/proof";

Deno.test("a folder without a proof is told by its file, and so is a file that is none", () =>
  inFolder(async (folder) => {
    await assert.rejects(readProofs(folder), /prove\.json/);
    for (const text of ["[", "{}", "[{}]", "[null]"]) {
      await Deno.writeTextFile(join(folder, "prove.json"), text);
      await assert.rejects(readProofs(folder), /prove\.json: is not what prove writes/);
    }
  }));

Deno.test("a proof's kinds are drawn in the order of the first model's changes, each with its interval", async () => {
  const [proof] = await readProofs(RECORDED);
  const chart = kindsChart(proof!, ["dpo-1", "best-of-8-1"]);
  const { data } = chart as unknown as {
    data: { values: { name: string; how: string; value: number; low: number; high: number }[] };
  };
  const { encoding } = chart as unknown as { encoding: { y: { sort: string[] } } };
  const first = new Map(
    data.values.filter(({ how }) => how === "dpo-1").map(({ name, value }) => [name, value]),
  );
  const values = encoding.y.sort.map((kind) => first.get(kind)!);
  assert.deepEqual(values, values.toSorted((a, b) => b - a));
  assert.equal(data.values.length, 2 * first.size);
  assert.ok(data.values.every(({ value, low, high }) => low <= value && value <= high));
});

Deno.test("the page of a proof has the table, the charts and the conditions of each variant", () =>
  inFolder(async (folder) => {
    const proofs = await readProofs(RECORDED);
    assert.equal(proofCharts(proofs[0]!).length, 3);
    await writeProofPage(folder, proofs);
    const page = await Deno.readTextFile(join(folder, "report.html"));
    for (const { models, conditions } of proofs) {
      for (const { name } of models) assert.ok(page.includes(`<td>${name}</td>`), name);
      for (const { found } of conditions) assert.ok(page.includes(found), found);
    }
    assert.equal(page.match(/<svg/g)?.length, 4 * proofs.length);
  }));
