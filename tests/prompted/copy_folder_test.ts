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
    // So many that on a slow machine too they are not all copied before the largest one fails.
    const more = Array.from(
      { length: 1000 },
      (_, at) => ({ ...files[0]!, name: `more-${at}`, size: 0 }),
    );
    await assert.rejects(
      putFiles([...files, ...more], to, "copy", never),
      /gone: cannot be copied: .*No such/,
    );
    const there = names(to);
    assert.ok(there.length <= 500, `${there.length}`);
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

Deno.test("links out of a folder are refused, those of a hub's cache and of weights are not (62)", async () => {
  const dir = await Deno.makeTempDir();
  const make = async (path: string, text: string) => {
    await Deno.mkdir(join(dir, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(dir, path), text);
  };
  const blob = "0123456789abcdef".repeat(4);
  await make(`hub/blobs/${blob}`, "weights");
  await make("hub/snapshots/main/onnx/there.json", "{}");
  const snapshot = join(dir, "hub/snapshots/main");
  await Deno.symlink(`../../../blobs/${blob}`, join(snapshot, "onnx/model.onnx"));
  await Deno.symlink(`../../blobs/${blob}`, join(snapshot, "config.json"));
  await Deno.symlink("onnx/there.json", join(snapshot, "here.json"));
  const inside = ["config.json 7", "here.json 2", "onnx/model.onnx 7", "onnx/there.json 2"];
  assert.deepEqual(names(snapshot), inside);

  await make("base/model.safetensors", "weights");
  await make("model/config.json", "{}");
  const model = join(dir, "model");
  await Deno.symlink("../base/model.safetensors", join(model, "model.safetensors"));
  await Deno.symlink(`../hub/blobs/${blob}`, join(model, "other.safetensors"));
  assert.deepEqual(names(model), ["config.json 2", "model.safetensors 7", "other.safetensors 7"]);

  await make("secret/id_rsa", "key");
  for (
    const [name, to] of [
      ["notes.txt", "../secret/id_rsa"],
      ["weights.bin", "../secret/id_rsa"],
      ["folder", "../secret"],
      ["config.txt", `../hub/blobs/${blob}`],
    ] as const
  ) {
    const path = join(model, name);
    await Deno.symlink(to, path);
    assert.throws(() => filesIn(model), new RegExp(`${name}: a link that leads out of the folder`));
    await Deno.remove(path);
  }
  await Deno.remove(dir, { recursive: true });
});
