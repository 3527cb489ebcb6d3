import assert from "node:assert/strict";
import { join } from "node:path";
import { filesIn, putFiles } from "../../lib/prompted/copy_folder.ts";

async function withFiles(test: (from: string, to: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const from = join(dir, "from"), to = join(dir, "to");
  try {
    for (let size = 1; size <= 9; size++) {
      const folder = join(from, `deep-${size % 3}`);
      await Deno.mkdir(folder, { recursive: true });
      await Deno.writeTextFile(join(folder, `${size}.bin`), "x".repeat(size));
    }
    await Deno.mkdir(to);
    await test(from, to);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const never = new AbortController().signal;
const names = (dir: string) => filesIn(dir).map(({ name, size }) => `${name} ${size}`);

Deno.test("every file of a folder is put once, whole, where it was", async () => {
  await withFiles(async (from, to) => {
    await putFiles(filesIn(from), to, "copy", never);
    assert.equal(names(to).length, 9);
    assert.deepEqual(names(to), names(from));
  });
});

Deno.test("where one file cannot be copied its error is told and no other is begun", async () => {
  await withFiles(async (from, to) => {
    const files = filesIn(from).map((file) =>
      file.size === 9 ? { ...file, real: join(from, "gone") } : file
    );
    await assert.rejects(putFiles(files, to, "copy", never), /gone: cannot be copied: .*No such/);
    const there = names(to);
    assert.ok(there.length <= 2, there.join());
    await new Promise(setImmediate);
    assert.deepEqual(names(to), there, "a copy went on after the error was told");
  });
});

Deno.test("a stop between two files ends the copying with its reason", async () => {
  await withFiles(async (from, to) => {
    const stop = new AbortController();
    const copying = putFiles(filesIn(from), to, "copy", stop.signal);
    stop.abort(new Error("stopped"));
    await assert.rejects(copying, /stopped/);
    assert.ok(names(to).length <= 2);
  });
});
