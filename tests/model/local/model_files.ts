/** Copies of the embedded models with their graphs changed or taken away. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Copies a model's folder to a temporary one and lets `edit` change its graph's bytes in place. */
export async function editedModel(dir: string, edit: (graph: Uint8Array) => void): Promise<string> {
  const copy = await Deno.makeTempDir();
  await cp(dir, copy, { recursive: true });
  const path = join(copy, "onnx", "model.onnx");
  const graph = new Uint8Array(await readFile(path));
  edit(graph);
  await writeFile(path, graph);
  return copy;
}

/** A copy of a model's folder that has no graph of thinkset's own form. */
export async function withoutSteps(dir: string): Promise<string> {
  const copy = await Deno.makeTempDir();
  await cp(dir, copy, { recursive: true });
  await Deno.remove(join(copy, "onnx", "steps.onnx"));
  return copy;
}
