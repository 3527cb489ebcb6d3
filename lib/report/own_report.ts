/** The page that every run and dataset leaves beside its records. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { messageOf } from "../core/errors.ts";
import { isFile } from "../core/file_kind.ts";
import { writeWhole } from "../io/disk/write_whole.ts";
import type { DatasetKind, RecordsKind } from "../run/define_stage.ts";
import { readManifest } from "../io/records/manifest_file.ts";

/** Records of a run that its own page is of: its numbers are held, so memory would grow with them. */
const OWN_RECORDS = 10_000;

/**
 * Writes `OUT/report.html` where `changed`, or where there is none yet, once all of OUT is done.
 * What goes wrong with a page is said and does not fail the run, whose records are safe.
 */
export async function writeOwnReport(
  out: string,
  kind: RecordsKind | DatasetKind,
  changed: boolean,
  context: StageContext,
): Promise<void> {
  const page = join(out, "report.html");
  const isThere = isFile(page);
  if (isThere && !changed) return;
  const manifest = readManifest(join(out, "manifest.json"));
  if (manifest?.status !== "done") return;
  try {
    // Killed from here on, a process leaves no page, and the next one makes it.
    if (isThere) await Deno.remove(page);
    if (kind === "sft" || kind === "dpo" || kind === "rl") {
      const { buildPage } = await import("./build_page.ts");
      writeWhole(page, await buildPage(out, kind));
      return;
    }
    const { ReportOptions } = await import("./report_options.ts");
    const { report } = await import("./report.ts");
    const options = ReportOptions.parse({
      in: [out],
      out: page,
      rows: OWN_RECORDS,
      overwrite: true,
    });
    await report(options, context, [{ name: manifest.stage, leaves: { kind } }]);
  } catch (error) {
    if (context.signal.aborted) return;
    context.log(`${page}: not written: ${messageOf(error)}`);
  }
}
