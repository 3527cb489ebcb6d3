/** What tells one model from another, wherever on a disk it lies. */
import { basename, join } from "node:path";
import { type Json, sha256, shortHash } from "../core/canonical.ts";
import { parseSpec } from "./spec.ts";

/** Files up to this size are hashed; of larger ones (weights) the size tells. */
const HASHED_BYTES = 4_000_000;

/**
 * The identity of a SPEC's model, as it stands in the key of records: equal for a folder and its
 * copy elsewhere, and another once its configuration, its tokenizer or the size of its weights has
 * changed. Servers' and providers' models are known by their SPEC, recordings by their content.
 */
export async function modelIdentity(spec: string): Promise<string> {
  const { provider, name } = parseSpec(spec);
  if (provider !== "local" && provider !== "replay") return spec;
  const facts = await factsOf(name);
  return facts === undefined ? spec : `${provider}/${shortHash(facts)}`;
}

/** Names, sizes and hashes of the files at a path; undefined where there is none. */
async function factsOf(path: string): Promise<Json | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info) return undefined;
  if (!info.isDirectory) return await fileFacts(path, info.size);
  const facts: Record<string, Json | undefined> = {};
  for await (const { name } of Deno.readDir(path)) {
    // A manifest holds paths and times; what it tells of is hashed here.
    if (!name.startsWith(".") && name !== "manifest.json") {
      facts[name] = await factsOf(join(path, name));
    }
  }
  return facts;
}

async function fileFacts(path: string, size: number): Promise<Json> {
  if (size > HASHED_BYTES && !basename(path).endsWith(".json")) return { size };
  return { size, sha256: sha256(await Deno.readFile(path)) };
}
