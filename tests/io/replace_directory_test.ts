import assert from "node:assert/strict";
import { join } from "node:path";
import { replaceDirectory } from "../../lib/io/disk/replace_directory.ts";
import { inFolder } from "../cli.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const write = (text: string) => (folder: string) => Deno.writeTextFile(join(folder, "file"), text);

Deno.test("A folder appears with what was built, in place of an earlier one", () =>
  inFolder(async (folder) => {
    const out = join(folder, "a", "out");
    await replaceDirectory(out, write("one"));
    await replaceDirectory(out, write("two"));
    assert.equal(await Deno.readTextFile(join(out, "file")), "two");
    assert.deepEqual(names(join(folder, "a")), ["out"]);
  }));

Deno.test("A failure leaves the earlier folder and nothing else", () =>
  inFolder(async (folder) => {
    const out = join(folder, "out");
    await replaceDirectory(out, write("one"));
    const failing = replaceDirectory(out, async (temporary) => {
      await write("two")(temporary);
      throw new Error("on the way");
    });
    await assert.rejects(failing, /on the way/);
    assert.equal(await Deno.readTextFile(join(out, "file")), "one");
    assert.deepEqual(names(folder), ["out"]);
  }));

Deno.test("What a killed builder left is removed; a folder it had put aside is put back first", () =>
  inFolder(async (folder) => {
    Deno.mkdirSync(join(folder, ".out.partial-1"));
    const aside = join(folder, ".out.partial-1-old");
    Deno.mkdirSync(aside);
    await write("old")(aside);
    const failing = replaceDirectory(join(folder, "out"), () => Promise.reject(new Error("no")));
    await assert.rejects(failing, /no/);
    assert.equal(await Deno.readTextFile(join(folder, "out", "file")), "old");
    assert.deepEqual(names(folder), ["out"]);
  }));

Deno.test("A living builder's folder is left alone", () =>
  inFolder(async (folder) => {
    const out = join(folder, "out");
    await replaceDirectory(out, async (temporary) => {
      await write("first")(temporary);
      await replaceDirectory(out, write("second"));
      assert.equal(await Deno.readTextFile(join(temporary, "file")), "first");
      assert.equal(names(folder).length, 2);
    });
    assert.equal(await Deno.readTextFile(join(out, "file")), "first");
    assert.deepEqual(names(folder), ["out"]);
  }));

Deno.test("With the permissions that building tasks have, too, what a killed builder left is removed", () =>
  inFolder(async (folder) => {
    Deno.mkdirSync(join(folder, ".out.partial-1"));
    const module = new URL("../../lib/io/disk/replace_directory.ts", import.meta.url).href;
    const script = join(folder, "build.ts");
    await Deno.writeTextFile(
      script,
      `import { replaceDirectory } from ${JSON.stringify(module)};\n` +
        `await replaceDirectory(Deno.args[0]!, () => Promise.resolve());\n`,
    );
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-RW", "--no-prompt", script, join(folder, "out")],
      stderr: "inherit",
    }).output();
    assert.ok(success);
    assert.deepEqual(names(folder), ["build.ts", "out"]);
  }));
