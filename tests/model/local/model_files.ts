/** Copies of the embedded models with bytes of their graphs changed. */
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

/** Every place in the bytes where an ASCII text begins. */
export function placesOf(text: string, bytes: Uint8Array): number[] {
  const places: number[] = [], buffer = new TextDecoder("latin1").decode(bytes);
  for (let at = buffer.indexOf(text); at >= 0; at = buffer.indexOf(text, at + 1)) places.push(at);
  return places;
}
