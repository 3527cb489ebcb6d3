/** Names as long as file systems take them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { replaceDirectory } from "../../lib/io/disk/replace_directory.ts";
import { writeWhole } from "../../lib/io/disk/write_whole.ts";
import { inFolder } from "../cli.ts";

for (const [what, name] of [["letters", "n".repeat(255)], ["others", "é".repeat(127)]] as const) {
  Deno.test(`a build and a page may have names of 255 bytes, of ${what} (62)`, () =>
    inFolder(async (folder) => {
      const out = join(folder, name);
      for (const round of ["first", "second"]) {
        await replaceDirectory(out, (temporary) => {
          return Deno.writeTextFile(join(temporary, "made"), round);
        });
        assert.equal(await Deno.readTextFile(join(out, "made")), round);
      }
      await Deno.remove(out, { recursive: true });
      writeWhole(out, "<p>a page</p>");
      assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), [name]);
    }));
}
