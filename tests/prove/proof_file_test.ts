/** What a proof left, read again and drawn. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { kindsChart, proofCharts } from "../../lib/prove/proof_charts.ts";
import { readProofs } from "../../lib/prove/proof_file.ts";
import { writeProofPage } from "../../lib/prove/proof_page.ts";
import { seedsTable } from "../../lib/prove/proof_table.ts";
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

Deno.test("the table over training seeds holds means and extremes of an arm's changes", async () => {
  const [recorded] = await readProofs(RECORDED);
  const zero = recorded!.models[0]!, model = recorded!.models.find(({ arm }) => arm === "dpo")!;
  const withChange = (seed: number, value: number, round = 1): typeof model => ({
    ...model,
    name: `dpo-${seed}${round > 1 ? `-round-${round}` : ""}`,
    ...{ seed, round },
    sampled: { ...model.sampled, figures: { right: change(value), malformed: change(0) } },
    greedy: { ...model.greedy, figures: { right: change(-value) } },
  });
  const models = [zero, withChange(1, 0.05), withChange(2, 0.07), withChange(3, -0.03)];
  const one = { ...recorded!, models: models.slice(0, 2) };
  assert.deepEqual(seedsTable(one), []);
  assert.deepEqual(seedsTable({ ...recorded!, models }).slice(1), [
    ["dpo", "3", "+3.0 (-3.0 to +7.0)", "-3.0 (-7.0 to +3.0)", "+0.0 (+0.0 to +0.0)"],
  ]);
  const second = [withChange(1, 0.1, 2), withChange(2, 0.2, 2)];
  const names = seedsTable({ ...recorded!, models: [...models, ...second] }).map(([name]) => name);
  assert.deepEqual(names, ["trained on", "dpo", "dpo-round-2"]);
});

function change(value: number) {
  const estimate = { value, low: value, high: value };
  return { ...estimate, change: estimate };
}
