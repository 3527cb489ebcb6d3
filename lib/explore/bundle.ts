/** `--bundle DIR`: the page and its data as static files, for a Space or any web server. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { StageFacts } from "../run/define_stage.ts";
import { indexHtml, pageAssets } from "./assets.ts";
import { encodeData } from "./columns.ts";
import { DecisionsFile } from "./decisions_file.ts";
import { load, type LoadOptions } from "./load.ts";

/** Options of {@link writeBundle}. */
export interface BundleOptions extends LoadOptions {
  bundle: string;
  decisions?: string;
}

/**
 * Writes the folder: `index.html`, its modules, `data/prompts.parquet` and `data/replies.parquet`
 * (everything that was read), and `data/columns.bin`, what the page filters. Any static server shows
 * it; a page that is opened from disk may not read files beside it, by the browsers' rules.
 *
 * @throws {InputError} where the folder holds something, or an input cannot be read.
 */
export async function writeBundle(
  options: BundleOptions,
  context: StageContext,
  stages: readonly StageFacts[],
): Promise<void> {
  const { bundle, decisions } = options;
  for await (const _ of entriesOf(bundle)) {
    throw new InputError(`${bundle}: --bundle: the folder is not empty`);
  }
  const file = decisions === undefined ? undefined : await DecisionsFile.open(decisions);
  const { data, store } = await load(options, context, stages);
  await using _ = store;
  await put(join(bundle, "index.html"), indexHtml("files"));
  for (const [path, asset] of pageAssets()) await put(join(bundle, path), asset.read());
  await Deno.mkdir(join(bundle, "data"), { recursive: true });
  await store.writeParquet(join(bundle, "data"));
  const columns = new Blob(encodeData(data) as BlobPart[]);
  await Deno.writeFile(join(bundle, "data/columns.bin"), columns.stream());
  const decided = [...file?.decisions.values() ?? []];
  const rows = await store.rowsOf(decided.map(({ id }) => id));
  const listed = decided.map((decision) => ({ ...decision, rows: rows.get(decision.id) ?? [] }));
  const state = { word: null, canUndo: false, decisions: listed };
  await put(join(bundle, "data/decisions.json"), JSON.stringify(state));
  context.log(
    `wrote ${bundle}: show it with any web server, as python3 -m http.server -d ${bundle}`,
  );
}

async function* entriesOf(folder: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function put(path: string, text: string): Promise<void> {
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await Deno.writeTextFile(path, text);
}
