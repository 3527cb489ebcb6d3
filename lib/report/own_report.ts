/** The page that every run and dataset leaves beside its records. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { messageOf } from "../core/errors.ts";
import { readManifest } from "../run/run_files.ts";
import { writePage } from "./page.ts";

/** Records of a run that its own page is of: its numbers are held, so memory would grow with them. */
const OWN_RECORDS = 10_000;

/**
 * Writes `OUT/report.html` where `changed`, or where there is none yet, once all of OUT is done.
 * What goes wrong with a page is said and does not fail the run, whose records are safe.
 */
export async function writeOwnReport(
  out: string,
  changed: boolean,
  context: StageContext,
): Promise<void> {
  const page = join(out, "report.html");
  const isThere = await Deno.stat(page).then(() => true, () => false);
  if (isThere && !changed) return;
  const manifest = readManifest(join(out, "manifest.json"));
  if (manifest?.status !== "done") return;
  try {
    // Killed from here on, a process leaves no page, and the next one makes it.
    if (isThere) await Deno.remove(page);
    if (manifest.stage.startsWith("build-")) {
      const { buildPage } = await import("./build_page.ts");
      await writePage(page, await buildPage(out));
      return;
    }
    const { report } = await import("./report.ts");
    const options = { in: [out], out: page, title: "thinkset report", rows: OWN_RECORDS };
    await report({ ...options, overwrite: true }, context);
  } catch (error) {
    if (context.signal.aborted) return;
    context.log(`${page}: not written: ${messageOf(error)}`);
  }
}
