import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { inFolder, quiet, scoredRecord, teacherRecord, writeLines } from "../dataset/records.ts";
import { makeTokenizer } from "../dataset/tiny_tokenizer.ts";

const pageOf = (out: string) => Deno.readTextFile(join(out, "report.html"));

Deno.test(
  "A build's page has its counts, its rejects, the card's picture and rows to read",
  inFolder(async (folder) => {
    const records = Array.from({ length: 20 }, (_, at) => scoredRecord(`p${at}`, [at, -1, 0.5, 0]));
    const path = await writeLines(join(folder, "scored.jsonl"), [
      ...records,
      scoredRecord("tie", [1, 1, 1, 1]),
    ]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const out = join(folder, "out");
    await buildDpo({ in: path, out, tokenizer, trainSplit: 0.75 }, { context: quiet });
    const page = await pageOf(out);
    assert.match(page, /<b>20<\/b><span>pairs<\/span><i>train 15, validation 5<\/i>/);
    assert.match(page, /<td>tie<\/td><td>1<\/td>/);
    const svg = /<img alt="Margins[^"]*" src="data:image\/svg\+xml;base64,([^"]+)">/.exec(
      page,
    )![1]!;
    assert.equal(atob(svg), await Deno.readTextFile(join(out, "plots/spread.svg")));
    assert.equal(page.match(/<article class="ts-card">/g)?.length, 8);
    assert.match(page, /Thought 0 of p\d+\./);
  }),
);

Deno.test(
  "A build's page of several datasets has each, and nothing of a text runs in it",
  inFolder(async (folder) => {
    const hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    const path = await writeLines(join(folder, "teacher.jsonl"), [
      teacherRecord("a", { response: hostile }),
    ]);
    const tokenizer = [await makeTokenizer(join(folder, "tokenizer"))];
    const out = join(folder, "out");
    await buildSft({ in: path, out, tokenizer, twins: true }, { context: quiet });
    const page = await pageOf(out);
    const names = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, name]) => name);
    assert.deepEqual(names, ["think", "nothink"]);
    assert.ok(!/<script|<img src=x/.test(page) && page.includes("&#60;script&#62;alert(1)"));
  }),
);
