/** An explorer that is open: its server, and what it keeps on disk. */
import type { StageContext } from "../core/context.ts";
import type { StageFacts } from "../run/define_stage.ts";
import { shownAs } from "../view/display.ts";
import { writeBundle } from "./bundle.ts";
import { DecisionsFile } from "./decisions_file.ts";
import type { ExploreSettings } from "./explore_options.ts";
import { load } from "./load.ts";
import { serveExplorer } from "./server.ts";

/** An explorer; disposing of it ends its server. As a cell's value it shows its page. */
export interface Explorer extends AsyncDisposable {
  /** The page's address, its token in it; null where a bundle was written. */
  url: string | null;
  /** Where its decisions go. */
  decisions: string | null;
}

/**
 * Reads the inputs, then serves the page on 127.0.0.1 until it is disposed of; with `bundle` it
 * writes the folder and serves nothing.
 *
 * @throws {InputError} where an input or the decisions file cannot be read.
 */
export async function openExplorer(
  options: ExploreSettings,
  context: StageContext,
  stages: readonly StageFacts[],
): Promise<Explorer> {
  const { bundle, port } = options;
  const file = options.decisions ?? null;
  if (bundle !== undefined) {
    await writeBundle({ ...options, bundle }, context, stages);
    return explorer(null, file, async () => {});
  }
  const decisions = file === null ? undefined : await DecisionsFile.open(file);
  await using opened = new AsyncDisposableStack();
  const loaded = await load(options, context, stages);
  opened.use(loaded.store);
  const { url } = opened.use(serveExplorer(loaded, decisions, port));
  const kept = opened.move();
  return explorer(url, file, () => kept.disposeAsync());
}

function explorer(
  url: string | null,
  decisions: string | null,
  dispose: () => Promise<void>,
): Explorer {
  const shown = shownAs(() =>
    url === null ? { "text/plain": "a bundle was written" } : {
      "text/html": `<iframe src="${url}" title="thinkset explorer" ` +
        `style="width:100%;height:760px;border:1px solid #8884;border-radius:8px"></iframe>`,
      "text/plain": url,
    }
  );
  return { ...shown, url, decisions, [Symbol.asyncDispose]: dispose };
}
