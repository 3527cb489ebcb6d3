import assert from "node:assert/strict";
import { sha256 } from "../../lib/core/canonical.ts";
import { hashFile, ReadHashes } from "../../lib/io/disk/hash_file.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { all, inTemp, put, zipped } from "./temp.ts";

Deno.test("a file's hash is that of its bytes, over several chunks too", () =>
  inTemp(async (dir) => {
    for (const text of ["", "hello", "é".repeat(1_500_000)]) {
      assert.equal(await hashFile(await put(`${dir}/a`, text)), sha256(text));
    }
  }));

Deno.test("a file that is not there is named", () =>
  inTemp(async (dir) => {
    await assert.rejects(hashFile(`${dir}/none`), {
      message: `${dir}/none: no such file or folder`,
    });
  }));

Deno.test("a file that is read for its rows is hashed on the way; others, or parts, are read for it", () =>
  inTemp(async (dir) => {
    const lines = `{"a":"${"é".repeat(400_000)}"}\n`.repeat(3);
    const files = {
      "a.jsonl": lines,
      "b.json": `[${lines.trim().replaceAll("\n", ",")}]`,
      "c.jsonl.gz": zipped(lines),
    };
    for (const [name, content] of Object.entries(files)) {
      const path = await put(`${dir}/${name}`, content);
      const hashes = new ReadHashes();
      assert.equal((await all(readRows(path, { onChunk: hashes.add }))).length, 3);
      await put(`${dir}/copy`, await Deno.readFile(path));
      if (name !== "c.jsonl.gz") {
        // As long as before, so that only what was read can tell the hash.
        await put(path, new Uint8Array((await Deno.stat(path)).size));
      }
      assert.equal(await hashes.of(path), await hashFile(`${dir}/copy`), name);
      assert.equal(await hashes.of(path), await hashes.of(path));
    }
    const part = new ReadHashes(), path = await put(`${dir}/d`, "whole");
    part.add(path, new TextEncoder().encode("who"));
    assert.equal(await part.of(path), sha256("whole"));
  }));
