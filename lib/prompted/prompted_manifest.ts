/** What a prompted model's manifest says. */
import { join } from "node:path";
import type { z } from "zod";
import type { FileEntry, Manifest } from "../core/manifest.ts";
import { packageVersions, VERSION } from "../core/version.ts";
import { TOKENIZER_CONFIG_FILE } from "../reply/chat_template.ts";
import type { CreatePromptedModelOptions } from "./prompted_options.ts";

/**
 * The manifest of a prompted model: the base model's small files by hash, and the `changed` ones,
 * whose texts are given by name. Its end is yet to come.
 */
export async function promptedManifest(
  options: z.output<typeof CreatePromptedModelOptions>,
  changed: ReadonlyMap<string, string>,
  startedAt: number,
): Promise<Manifest> {
  const inputs = await inputEntries(options.model);
  const { out: _, overwrite: __, ...affects } = options;
  return {
    stage: "create-prompted-model",
    version: VERSION,
    status: "done",
    options,
    fingerprint: await sha256(JSON.stringify([affects, inputs.map((input) => input.sha256)])),
    inputs,
    outputs: await Promise.all(
      [...changed].map(async ([path, text]) => ({ path, sha256: await sha256(text), rows: 0 })),
    ),
    models: [options.model],
    seed: null,
    packages: packageVersions("@huggingface/jinja"),
    counts: {
      input: 0,
      kept: 0,
      rejected: 0,
      pending: 0,
      duplicates: 0,
      other: 0,
      rejected_by_reason: {},
    },
    tokens: {},
    cost: null,
    shard: { index: 0, count: 1 },
    failed: [],
    started_at: new Date(startedAt).toISOString(),
    ended_at: null,
  };
}

async function inputEntries(dir: string): Promise<FileEntry[]> {
  const names = ["config.json", TOKENIZER_CONFIG_FILE, "tokenizer.json"];
  return await Promise.all(names.map(async (name) => {
    const path = join(dir, name);
    return { path, sha256: await sha256(await Deno.readFile(path)), rows: 0 };
  }));
}

/** In 64 hex digits. By the web's own function: the modules of node's take longer to load. */
async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
