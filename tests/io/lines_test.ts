import assert from "node:assert/strict";
import fc from "fast-check";
import { readLines } from "../../lib/io/rows/lines.ts";
import { all, inTemp, put, refuses, zipped } from "./temp.ts";

const texts = async (path: string) => (await all(readLines(path))).map((line) => line.text);

Deno.test("lines come with numbers, byte offsets and whether they are ended", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.jsonl`, "é\r\n\nlast");
    assert.deepEqual(await all(readLines(path)), [
      { text: "é", line: 1, offset: 0, end: 4, terminated: true },
      { text: "", line: 2, offset: 4, end: 5, terminated: true },
      { text: "last", line: 3, offset: 5, end: 9, terminated: false },
    ]);
  }));

Deno.test("a byte order mark is not part of the first line, and is kept inside later ones", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.jsonl`, "\ufeffone\n\ufefftwo\n");
    assert.deepEqual(await texts(path), ["one", "\ufefftwo"]);
  }));

Deno.test("an empty file has no lines", () =>
  inTemp(async (dir) => {
    assert.deepEqual(await texts(await put(`${dir}/a.jsonl`, "")), []);
  }));

Deno.test("gzip is read by its name or its first bytes, with several members in one file", () =>
  inTemp(async (dir) => {
    const members = new Uint8Array([...zipped("one\ntw"), ...zipped("o\n")]);
    for (const name of ["a.jsonl.gz", "b.jsonl"]) {
      assert.deepEqual(await texts(await put(`${dir}/${name}`, members)), ["one", "two"]);
    }
  }));

Deno.test("a truncated gzip is an error, after the lines that are whole", () =>
  inTemp(async (dir) => {
    const noise = Array.from({ length: 5000 }, (_, i) => `${Math.sin(i)}\n`).join("");
    const whole = zipped(noise);
    for (const length of [0, 5, 10, 2000, whole.length - 9, whole.length - 1]) {
      const path = await put(`${dir}/cut-${length}.jsonl.gz`, whole.slice(0, length));
      await refuses(readLines(path), path, "gzip file is cut short");
    }
  }));

Deno.test("what is no gzip, and a gzip with a flipped bit, are errors", () =>
  inTemp(async (dir) => {
    await refuses(readLines(await put(`${dir}/a.jsonl.gz`, '{"a":1}\n')), "a.jsonl.gz", "gzip");
    const bytes = zipped("hello ".repeat(1000));
    bytes[bytes.length - 6]! ^= 1;
    await refuses(readLines(await put(`${dir}/b.jsonl.gz`, bytes)), "b.jsonl.gz", "gzip");
  }));

Deno.test("bytes that are not UTF-8 are an error that names the line", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.jsonl`, new Uint8Array([65, 10, 66, 0xff, 10]));
    await refuses(readLines(path), `${path}:2: not UTF-8`);
  }));

Deno.test("a file that is absent, or a folder, is an error that names it", () =>
  inTemp(async (dir) => {
    await refuses(readLines(`${dir}/none.jsonl`), `${dir}/none.jsonl`, "no such file");
    await refuses(readLines(dir), dir, "folder");
  }));

Deno.test("a line of 20 MB is read whole", () =>
  inTemp(async (dir) => {
    const long = "é".repeat(10_000_000);
    const path = await put(`${dir}/a.jsonl`, `one\n${long}\nthree\n`);
    const lines = await texts(path);
    assert.equal(lines.length, 3);
    assert.ok(lines[1] === long);
  }));

Deno.test("reading ends when its signal is aborted", () =>
  inTemp(async (dir) => {
    const path = await put(`${dir}/a.jsonl`, "one\n");
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(all(readLines(path, { signal })), /stopped/);
  }));

Deno.test("any text comes back from its lines, whatever their ends and lengths", () =>
  inTemp(async (dir) => {
    let count = 0;
    const line = fc.oneof(
      fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\ufeff]/g, "")),
      fc.tuple(fc.constantFrom("a", "é", "語", "🙂", "\ufffd"), fc.nat({ max: 150_000 }))
        .map(([unit, times]) => unit.repeat(times)),
    );
    const property = fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 30 }),
      fc.constantFrom("\n", "\r\n"),
      async (lines, end) => {
        const path = await put(`${dir}/${count++}.jsonl`, lines.map((text) => text + end).join(""));
        const read = await all(readLines(path));
        assert.ok(read.length === lines.length && read.every(({ text }, at) => text === lines[at]));
        let offset = 0;
        for (const [at, line] of read.entries()) {
          assert.equal(line.offset, offset);
          offset += new TextEncoder().encode(lines[at]! + end).length;
          assert.equal(line.end, offset);
        }
      },
    );
    await fc.assert(property, { numRuns: 60 });
  }));
