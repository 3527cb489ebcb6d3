/** `--bundle DIR`: the page and its data as static files, for an attachment, a Space or any web server. */
import { basename, join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { StageFacts } from "../run/define_stage.ts";
import { encodeData } from "./columns.ts";
import { DecisionsFile } from "./decisions_file.ts";
import { load, type LoadOptions } from "./load.ts";
import { wholePage } from "./page_html.ts";

/** Options of {@link writeBundle}. */
export interface BundleOptions extends LoadOptions {
  bundle: string;
  decisions?: string;
}

/** Bytes of data that the page takes into itself; more of it stays beside, and needs a server. */
const MOST_IN_PAGE = 64 << 20;

/**
 * Writes the folder: `data/prompts.parquet` and `data/replies.parquet` (everything that was read),
 * `data/columns.bin` (what the page filters), `data/decisions.json`, and `index.html`, which has
 * all of these in it, so that it shows them wherever it lies. With more than 64 MiB of them the page
 * fetches them, and any static server shows it.
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
  const { data, store } = await load({ ...options, tokenizer: undefined }, context, stages);
  await using _ = store;
  const folder = join(bundle, "data");
  await Deno.mkdir(folder, { recursive: true });
  await store.writeParquet(folder);
  const columns = new Blob(encodeData(data) as BlobPart[]);
  await Deno.writeFile(join(folder, "columns.bin"), columns.stream());
  const decided = await store.withRows(file?.decisions.values() ?? []);
  const state = { word: null, canUndo: false, decisions: decided };
  await Deno.writeTextFile(join(folder, "decisions.json"), JSON.stringify(state));
  const files = await filesIn(folder);
  const page = join(bundle, "index.html");
  await Deno.writeTextFile(page, wholePage(files ?? new Map()));
  context.log(
    files !== null
      ? `wrote ${bundle}: open ${page}, or send that file alone`
      : `wrote ${bundle}: more than 64 MiB of data, so show it with a web server, as ` +
        `python3 -m http.server -d ${bundle}`,
  );
}

/** The folder's files as the page knows them; null where they are too much for it. */
async function filesIn(folder: string): Promise<Map<string, Uint8Array> | null> {
  const paths: string[] = [];
  let size = 0;
  for await (const { name } of Deno.readDir(folder)) {
    paths.push(join(folder, name));
    size += (await Deno.stat(paths.at(-1)!)).size;
  }
  if (size > MOST_IN_PAGE) return null;
  const files = new Map<string, Uint8Array>();
  for (const path of paths.sort()) files.set(`data/${basename(path)}`, await Deno.readFile(path));
  return files;
}

async function* entriesOf(folder: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
