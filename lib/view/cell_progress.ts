/** How far a stage is, shown live in the notebook's cell that runs it. */
import type { ProgressSnapshot } from "../core/context.ts";
import type { CallOptions } from "../run/define_stage.ts";
import { progressLine } from "../run/progress.ts";
import { escapeHtml } from "./html.ts";

/** Shows a bundle in the cell, or changes the one that has this id. */
export type Show = (
  bundle: Record<string, string>,
  options: { displayId: string; update: boolean },
) => Promise<void>;

/**
 * What stands beside a stage's options in a notebook: a bar in the cell that fills as items are
 * done, and notes below it. Outside a notebook nothing is shown, and notes go to the console.
 *
 * ```ts ignore
 * const run = await samplePolicy({ prompts, model: "embedded", format, out }, cellProgress());
 * await scoreResponses({ in: run.out, rewardModel: "mine", out }, { ...cellProgress(), model });
 * ```
 *
 * @param show where it is shown; the running kernel's cell by default
 */
export function cellProgress(show: Show | undefined = kernelShow()): Pick<CallOptions, "context"> {
  if (show === undefined) return { context: { progress: "none" } };
  const displayId = crypto.randomUUID();
  let shown = false;
  let last: Promise<void> = Promise.resolve();
  return {
    context: {
      progress: "none",
      log: (line) => console.log(line),
      onProgress: (snapshot) => {
        const bundle = progressBundle(snapshot);
        const update = shown;
        shown = true;
        // One after the other: an update must not overtake the display that it changes.
        last = last.then(() => show(bundle, { displayId, update })).catch(() => {});
      },
    },
  };
}

/** A snapshot as a bar with a line below it. */
export function progressBundle(snapshot: ProgressSnapshot): Record<string, string> {
  const line = progressLine(snapshot);
  const done = snapshot.kept + snapshot.rejected + snapshot.failed;
  return {
    "text/plain": line,
    "text/html": `<progress style="width: 24em" value="${done}" max="${
      Math.max(1, snapshot.total)
    }"></progress><br><small>${escapeHtml(line)}</small>`,
  };
}

/** The kernel's own display; undefined outside one, where merely reading `Deno.jupyter` throws. */
function kernelShow(): Show | undefined {
  let jupyter: typeof Deno.jupyter;
  try {
    jupyter = Deno.jupyter;
  } catch {
    return undefined;
  }
  return (bundle, { displayId, update }) =>
    jupyter.broadcast(update ? "update_display_data" : "display_data", {
      data: bundle,
      metadata: {},
      transient: { display_id: displayId },
    });
}
