import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonElements, readJsonArray } from "../../lib/io/rows/json_array.ts";
import { all, inTemp, put, refuses, zipped } from "./temp.ts";

/** The text's bytes in chunks that end at the given places. */
async function* chunks(text: string, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let from = 0;
  for (const cut of [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length))) {
    if (cut < from) continue;
    yield await Promise.resolve(bytes.slice(from, cut));
    from = cut;
  }
}

const cuts = fc.array(fc.nat(400)).map((places) => places.sort((a, b) => a - b));
const elements = (text: string, places: number[] = []) =>
  jsonElements(chunks(text, places), "x.json");

Deno.test("any JSON array comes back element by element, wherever its chunks are cut", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.jsonValue()),
    cuts,
    fc.constantFrom(undefined, 1, "\r\n\t "),
    async (values, places, space) => {
      const found = await all(elements(JSON.stringify(values, null, space), places));
      assert.deepEqual(found.map(({ value }) => value), JSON.parse(JSON.stringify(values)));
      assert.deepEqual(found.map(({ row }) => row), values.map((_, index) => index + 1));
    },
  );
  await fc.assert(property, { numRuns: 500 });
});

Deno.test("whatever the text and its chunks, elements are read if and only if it is a JSON array", async () => {
  const token = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "\\",
    '"a"',
    "1",
    "null",
    " ",
    "é",
  );
  const text = fc.oneof(
    fc.array(token).map((tokens) => tokens.join("")),
    fc.array(token).map((tokens) => `[${tokens.join("")}]`),
    fc.array(fc.oneof(token, fc.json())).map((tokens) => `[${tokens.join(",")}]`),
  );
  const property = fc.asyncProperty(text, cuts, async (text, places) => {
    let expected: unknown;
    try {
      expected = JSON.parse(text);
    } catch {
      expected = undefined;
    }
    if (Array.isArray(expected)) {
      assert.deepEqual((await all(elements(text, places))).map(({ value }) => value), expected);
    } else {
      await refuses(elements(text, places), "x.json");
    }
  });
  await fc.assert(property, { numRuns: 2000 });
});

Deno.test("an array cut short anywhere is an error with the row at which it ends", async () => {
  const text = '[{"a":[1,"]"]},{"b":"}"}]';
  for (let length = 1; length < text.length; length++) {
    await refuses(elements(text.slice(0, length)), "x.json", "row", "cut short");
  }
  await refuses(elements(text.slice(0, 20)), "x.json row 2: the JSON array is cut short");
  await refuses(elements(text.slice(0, 15)), "x.json after row 1: the JSON array is cut short");
});

Deno.test("an element that is not JSON is an error that names its row", async () => {
  await refuses(elements('[1, {"a" 2}]'), "x.json row 2: not JSON");
  await refuses(elements("[1,,2]"), "x.json row 2", "missing");
  await refuses(elements("[1,]"), "x.json row 2", "missing");
});

Deno.test("NaN and Infinity, which Python writes, are named as what they are", async () => {
  await refuses(elements('[{"score": NaN}]'), "row 1", "NaN is not a JSON number");
  await refuses(elements('[{"score": -Infinity}]'), "row 1", "-Infinity is not a JSON number");
  const found = await all(elements('[{"score": "NaN"}]'));
  assert.deepEqual(found[0]!.value, { score: "NaN" });
});

Deno.test("an object, an empty file and text after the array are errors of their own", async () => {
  await refuses(elements('{"data": []}'), "x.json", "an array of rows");
  await refuses(elements(" \n"), "x.json: the file is empty");
  await refuses(elements("[1] [2]"), "text follows");
  await refuses(elements("hello"), "must begin with [");
});

Deno.test("a byte order mark before the array is skipped", async () => {
  assert.equal((await all(elements("\ufeff[1]", [1, 2]))).length, 1);
});

Deno.test("a gzip file and a row of 20 MB are read", () =>
  inTemp(async (dir) => {
    const long = "\\".repeat(20_000_000);
    const path = await put(`${dir}/a.json.gz`, zipped(JSON.stringify([1, { long }, 3])));
    const found = await all(readJsonArray(path));
    assert.ok((found[1]!.value as { long: string }).long === long);
    assert.deepEqual(found[2], { value: 3, row: 3 });
  }));

Deno.test("invalid UTF-8 within an element names its row", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.json`, new Uint8Array([91, 49, 44, 34, 0xc3, 34, 93]));
    await refuses(readJsonArray(path), `${path} row 2: not UTF-8`);
  }));
