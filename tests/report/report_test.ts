import assert from "node:assert/strict";
import { MESSAGES } from "../../lib/io/write/columns.ts";
import { SplitWriter } from "../../lib/io/write/split_writer.ts";
import { report } from "../../lib/stages.ts";
import { inTemp, put } from "../io/temp.ts";
import { HOSTILE, manifest, putPairs, putScored, putTeacher } from "./inputs.ts";

const page = async (paths: string[], out: string, more: Record<string, unknown> = {}) => {
  await report({ in: paths, out, ...more });
  return await Deno.readTextFile(out);
};
const refuses = (paths: string[], out: string, message: RegExp) =>
  assert.rejects(report({ in: paths, out }), (error: Error) => {
    assert.equal(error.name, "InputError");
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });

Deno.test("a scored run's page has its ledger, key figures, every plot, and prompts to read", () =>
  inTemp(async (dir) => {
    const html = await page([await putScored(`${dir}/scored`, 40)], `${dir}/deep/report.html`);
    for (const end of ["lie furthest apart", "best reply is the lowest", "the highest rewards"]) {
      assert.match(html, new RegExp(`<summary>Prompts [^<]*${end} <small>`));
    }
    assert.match(html, /<span>median thought, characters<\/span>/);
    for (
      const title of [
        "Rewards",
        "Best and worst a prompt",
        "Spread within a prompt",
        "Expected best of k",
        "Reward against length",
        "Token lengths",
        "Thought lengths",
        "Diversity within a prompt",
        "Malformed replies by reason",
        "Rejected prompts by reason",
      ]
    ) assert.ok(html.includes(`>${title}</text>`), title);
    assert.match(html, /<td>done<\/td><td>41<\/td><td>40<\/td><td>1<\/td><td>0<\/td><td>2<\/td>/);
    assert.match(html, /<b>160<\/b><span>replies<\/span>/);
    assert.match(html, /<b>25\.0%<\/b><span>malformed<\/span>/);
    assert.equal(html.match(/best \(reply 2\)/g)!.length, 8);
    assert.match(html, /<details><summary>thought/);
    assert.match(
      html,
      /<h3>By category<\/h3>.*<td>even<\/td><td>20<\/td><td>80<\/td><td>25\.0%<\/td>/s,
    );
    assert.match(html, /<th>mean reward<\/th><th>95% interval<\/th><th>best reply&#39;s<\/th>/);
  }));

Deno.test("nothing that a model wrote becomes markup, and nothing is fetched", () =>
  inTemp(async (dir) => {
    const inputs = [
      await putScored(`${dir}/<script>alert(1)<!--`, 3),
      await putScored(`${dir}/scored`, 3),
      await putTeacher(`${dir}/teacher`),
      await putPairs(`${dir}/pairs.jsonl`),
    ];
    const html = await page(inputs, `${dir}/report.html`);
    assert.ok(html.includes("&#60;script&#62;"), "the hostile text is shown");
    assert.doesNotMatch(html, /<script|<img|<iframe|<link|<object|onerror="/i);
    assert.equal(html.match(/<style>/g)!.length, 1);
    assert.match(html, /default-src 'none'/);
    assert.doesNotMatch(html.replaceAll(/xmlns(:\w+)?="[^"]*"/g, ""), /(src|href)="(?!#)/);
    assert.ok(!html.includes(HOSTILE));
  }));

Deno.test("several scored runs are compared, others are not", () =>
  inTemp(async (dir) => {
    const think = await putScored(`${dir}/think`, 5),
      nothink = await putScored(`${dir}/nothink`, 6);
    const both = await page([think, nothink], `${dir}/both.html`);
    assert.match(both, /Scored runs compared/);
    assert.match(both, /<td>think<\/td><td>5<\/td>/);
    assert.match(both, /<th>prompts won against think<\/th>/);
    assert.match(both, /<td>50\.0% \[17\.0%, 83\.0%\] of 5<\/td>/);
    const one = await page([think, await putTeacher(`${dir}/teacher`)], `${dir}/one.html`);
    assert.doesNotMatch(one, /Scored runs compared/);
  }));

Deno.test("pairs stand side by side with their margins, thoughts taken out of the turn", () =>
  inTemp(async (dir) => {
    const html = await page([await putPairs(`${dir}/pairs.jsonl`)], `${dir}/report.html`);
    assert.match(html, />Margins of pairs<\/text>/);
    assert.match(html, />Pairs kept by minimum margin<\/text>/);
    assert.match(html, /<b>20<\/b><span>pairs<\/span>/);
    assert.match(html, /<summary>thought \(12 characters\)<\/summary>/);
    assert.doesNotMatch(html, /&#60;response&#62; good/);
  }));

Deno.test("of a large run some records are taken from all over it, and the page says so", () =>
  inTemp(async (dir) => {
    const run = await putScored(`${dir}/scored`, 100);
    const some = await page([run], `${dir}/some.html`, { rows: 25, samples: 25 });
    assert.match(some, /Read for this page: 25 of the 100 records, spread evenly\./);
    assert.match(some, /<b>25<\/b><span>prompts<\/span>/);
    const numbers = [...some.matchAll(/question (\d+) /g)].map(([, number]) => Number(number));
    assert.deepEqual(
      [...new Set(numbers)].sort((a, b) => a - b),
      Array.from({ length: 25 }, (_, i) => 4 * i + 3),
    );
    const all = await page([run], `${dir}/all.html`, { rows: 100 });
    assert.doesNotMatch(all, /spread evenly/);
  }));

Deno.test("of a large dataset some rows are read, and the page says so beside the true counts", () =>
  inTemp(async (dir) => {
    const columns = { id: "string", messages: MESSAGES } as const;
    for (const [split, rows] of [["train", 90], ["validation", 10]] as const) {
      const writer = new SplitWriter({ root: dir, split, folder: "data" }, columns);
      for (let row = 0; row < rows; row++) {
        const content = `answer ${row}`;
        await writer.write({ id: `${row}`, messages: [{ role: "assistant", content }] });
      }
      await writer.close();
    }
    const some = await page([`${dir}/data`], `${dir}/some.html`, { rows: 20 });
    assert.match(some, /<b>100<\/b><span>rows<\/span><i>train 90, validation 10<\/i>/);
    assert.match(some, /20 of the 100 rows/);
    const all = await page([`${dir}/data`], `${dir}/all.html`, { rows: 100 });
    assert.match(all, /<b>100<\/b><span>rows<\/span><i>train 90, validation 10<\/i>/);
    assert.doesNotMatch(all, /of the 100 rows/);
  }));

Deno.test("files without a manifest are known by their rows, the public scripts' too", () =>
  inTemp(async (dir) => {
    const kinds: [string, unknown, string][] = [
      ["policy", { prompt: "q", responses: ["a", "b"] }, "policy replies"],
      ["scored", { prompt: "q", responses: [{ response: "a", score: 1 }] }, "scored replies"],
      ["teacher", { messages: [{ role: "user", content: "q" }], response: "a" }, "teacher replies"],
      [
        "sft",
        { messages: [{ role: "user", content: "q" }, { role: "assistant", content: "a" }] },
        "SFT dataset",
      ],
      ["completion", { prompt: "q", completion: "a" }, "SFT dataset"],
      ["rlmt", {
        prompt: "q",
        chosen: [{ role: "user", content: "q" }, { role: "assistant", content: "a" }],
        rejected: "b",
      }, "DPO dataset"],
      ["prompts", { question: "q" }, "prompts"],
    ];
    for (const [name, row, kind] of kinds) {
      const path = await put(`${dir}/${name}.json`, [row]);
      const html = await page([path], `${dir}/${name}.html`, { format: "chat" });
      assert.ok(html.includes(`<p class="kind">${kind}</p>`), `${name} is ${kind}`);
    }
  }));

Deno.test("a folder of runs is all of them, and a build of several datasets each", () =>
  inTemp(async (dir) => {
    await putScored(`${dir}/runs/think/scored`, 3);
    await putTeacher(`${dir}/runs/teacher`);
    const datasets = [{ folder: "qwen/think" }, { folder: "qwen/nothink" }];
    await put(`${dir}/runs/sft/manifest.json`, manifest("build-sft", 2, { extra: { datasets } }));
    const row = { messages: [{ role: "user", content: "q" }, { role: "assistant", content: "a" }] };
    for (const { folder } of datasets) {
      await put(`${dir}/runs/sft/${folder}/manifest.json`, manifest("build-sft", 2));
      await put(`${dir}/runs/sft/${folder}/data/train.json`, [row]);
    }
    await put(`${dir}/runs/model/manifest.json`, manifest("create-prompted-model", 2));
    await refuses([`${dir}/runs/model`], `${dir}/none.html`, /create-prompted-model: nothing/);
    const html = await page([`${dir}/runs`], `${dir}/report.html`);
    const names = [...html.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, name]) => name);
    assert.deepEqual(names, ["teacher", "think", "nothink", "scored"]);
  }));

Deno.test("equal inputs give equal pages, another seed another sample", () =>
  inTemp(async (dir) => {
    const path = await putPairs(`${dir}/pairs.jsonl`);
    const first = await page([path], `${dir}/a.html`);
    assert.equal(await page([path], `${dir}/b.html`), first);
    assert.notEqual(await page([path], `${dir}/b.html`, { seed: 7 }), first);
  }));

Deno.test("what is nothing to report of, and an out that is another file, are refused in a line", () =>
  inTemp(async (dir) => {
    const out = `${dir}/report.html`;
    await refuses([`${dir}/none`], out, /none: no such file/);
    await refuses([await put(`${dir}/odd.json`, [{ a: 1 }])], out, /odd\.json row 1: neither/);
    await refuses([await put(`${dir}/empty.jsonl`, "")], out, /empty\.jsonl: holds no rows/);
    const pairs = await putPairs(`${dir}/pairs.jsonl`);
    await refuses([pairs], dir, /--out is a folder/);
    await refuses([pairs], await put(`${dir}/mine.html`, "<p>mine"), /mine\.html.*--overwrite/);
    assert.equal(await Deno.readTextFile(`${dir}/mine.html`), "<p>mine");
    await report({ in: [pairs], out: `${dir}/mine.html`, overwrite: true });
    assert.match(await Deno.readTextFile(`${dir}/mine.html`), /thinkset report/);
  }));

Deno.test("a run that has scored nothing yet has a page", () =>
  inTemp(async (dir) => {
    const path = await putScored(`${dir}/scored`, 0);
    const html = await page([path], `${dir}/report.html`);
    assert.match(html, /<b>0<\/b><span>prompts<\/span>/);
    assert.doesNotMatch(html, /NaN|undefined|Infinity/);
  }));
