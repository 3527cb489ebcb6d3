import assert from "node:assert/strict";
import { sha256 } from "../../lib/core/canonical.ts";
import { hashFile } from "../../lib/io/hash_file.ts";
import { inTemp, put } from "./temp.ts";

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
