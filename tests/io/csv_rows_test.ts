import assert from "node:assert/strict";
import { readPromptRows, readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { all, inTemp, put, refuses, zipped } from "./temp.ts";

const rows = async (path: string) => (await all(readRows(path))).map(({ row }) => row);

Deno.test("a CSV's rows are texts by column: quotes, commas and line breaks within them, empty cells null", () =>
  inTemp(async (dir) => {
    const text = '\ufeffid,prompt,n\r\n1,"Say ""hi"",\r\nplease",\r\n\r\n007,Wie geht’s?,2\r\n';
    const expected = [
      { id: "1", prompt: 'Say "hi",\r\nplease', n: null },
      { id: "007", prompt: "Wie geht’s?", n: "2" },
    ];
    assert.deepEqual(await rows(await put(`${dir}/a.csv`, text)), expected);
    assert.deepEqual(await rows(await put(`${dir}/b.csv.gz`, zipped(text))), expected);
    const tsv = await put(`${dir}/c.tsv`, 'prompt\tcategory\na "b" c, d\tx\n');
    const [prompt] = await all(readPrompts(tsv, { keep: ["category"] }));
    assert.equal(prompt!.messages[0]!.content, 'a "b" c, d');
    assert.deepEqual(prompt!.extra, { category: "x" });
    assert.equal(prompt!.where, `${tsv} row 1`);
  }));

Deno.test("a row with too many cells is a bad row, those after it are read", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.csv`, "id,prompt\n1,a\n2,b,c\n3,d\n");
    const read = await all(readPromptRows(path));
    assert.deepEqual(read.map((row) => "fault" in row ? row.fault.detail : row.id), [
      "1",
      `${path} row 2: 3 cells, where the head has 2`,
      "3",
    ]);
    await refuses(readPrompts(path), `${path} row 2`, "3 cells");
  }));

Deno.test("what is no table is refused in a line that names the file", () =>
  inTemp(async (dir) => {
    const cases: [string | Uint8Array, string][] = [
      ['prompt\n"never closed\n', "Quote Not Closed"],
      ["a,a\n1,2\n", 'two columns are called "a"'],
      [new Uint8Array([0x61, 0x0a, 0xff, 0xfe]), "not UTF-8"],
      ["prompt\n", "holds no rows"],
    ];
    for (const [content, rule] of cases) {
      const path = await put(`${dir}/a.csv`, content);
      await refuses(readRows(path), path, rule);
    }
  }));
