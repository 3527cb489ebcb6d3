import assert from "node:assert/strict";
import { join } from "node:path";
import { modelIdentity } from "../../lib/model/model_identity.ts";
import { inFolder } from "../cli.ts";

async function model(folder: string, config = "{}", weights = 8_000_000): Promise<string> {
  await Deno.mkdir(join(folder, "onnx"), { recursive: true });
  await Deno.writeTextFile(join(folder, "config.json"), config);
  await Deno.writeFile(join(folder, "onnx", "model.onnx"), new Uint8Array(weights));
  return await modelIdentity(`local/${folder}`);
}

Deno.test("a folder and its copy elsewhere are one model; another configuration or size is another", () =>
  inFolder(async (folder) => {
    const one = await model(join(folder, "a"));
    assert.equal(await model(join(folder, "b")), one);
    assert.notEqual(await model(join(folder, "c"), '{"x":1}'), one);
    assert.notEqual(await model(join(folder, "d"), "{}", 8_000_001), one);
    await Deno.writeTextFile(join(folder, "a", "manifest.json"), "{}");
    assert.equal(await modelIdentity(`local/${join(folder, "a")}`), one);
  }));

Deno.test("models of servers and of the hub are known by their SPEC", async () => {
  for (const spec of ["embedded", "openai/gpt-4.1-mini", "vllm/org/name", "local/org/not-here"]) {
    assert.equal(await modelIdentity(spec), spec);
  }
});
