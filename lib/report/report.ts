/** One self-contained HTML page about any runs and datasets. */
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError, messageOf } from "../core/errors.ts";
import { Format } from "../core/records.ts";
import { VERSION } from "../core/version.ts";
import { type ComparedRun, compareHtml } from "./compare.ts";
import { pairsSection, promptsSection, sftSection, teacherSection } from "./dataset_section.ts";
import { pageHtml, REPORT_MARK, writePage } from "./page.ts";
import { chartsHtml, rejectCharts } from "./pieces.ts";
import { repliesSection } from "./replies_section.ts";
import { Reservoir } from "./reservoir.ts";
import type { Section, SectionOptions } from "./section.ts";
import { sectionHtml } from "./section_html.ts";
import { type Subject, subjectsOf } from "./subject.ts";

/** Options of `report`, and of `deno task report`. */
export const ReportOptions = z.object({
  in: z.array(z.string()).min(1).describe("a run, a dataset, or a file of records"),
  out: z.string().min(1).meta({ metavar: "FILE.html" }).describe("the page"),
  title: z.string().default("thinkset report").describe("the page's heading"),
  samples: z.number().int().nonnegative().default(8).describe("records to read, of each input"),
  rows: z.number().int().positive().optional().describe(
    "rows or records to take of each input at most, spread over it; default: all",
  ),
  seed: z.number().int().min(0).default(42).describe("seed of the sample"),
  format: Format.optional().describe("for replies that do not say it (the public scripts' files)"),
  overwrite: z.boolean().default(false).describe("replace a file at --out that is no report"),
});
export type ReportOptions = z.input<typeof ReportOptions>;

/**
 * Writes a page about runs and datasets: counts and the ledger, distributions, and some records to
 * read with their thoughts folded. Scored runs are compared where there are several. Everything is
 * in the one file; nothing a model wrote can run in it. Equal inputs give equal bytes.
 *
 * @throws {InputError} where an input is nothing to report of, or `out` is another file.
 */
export async function report(
  given: ReportOptions,
  overrides: Partial<StageContext> = {},
): Promise<{ out: string; subjects: Subject[] }> {
  const options = ReportOptions.parse(given);
  const context = defaultContext(overrides);
  await checkOut(options.out, options.overwrite);
  const subjects = await subjectsOf(options.in);
  const sections: string[] = [];
  const compared: ComparedRun[] = [];
  const reading: SectionOptions & { format?: Format } = {
    reservoir: <T>({ name }: Subject) => new Reservoir<T>(options.samples, options.seed, name),
    rows: options.rows,
    signal: context.signal,
    format: options.format,
  };
  for (const [index, subject] of subjects.entries()) {
    const section = await readSection(subject, reading);
    if (section.summary) compared.push({ name: subject.name, summary: section.summary });
    const charts = await chartsHtml([...section.charts, ...rejectCharts(subject)]);
    sections.push(sectionHtml(subject, { ...section, charts }, `s${index}`));
  }
  const comparison = await compareHtml(compared.filter(({ summary }) => summary.scores.length > 0));
  const links = subjects.map(({ name }, index) => ({ id: `s${index}`, text: name }));
  if (comparison) links.unshift({ id: "compared", text: "compared" });
  const page = pageHtml({
    title: options.title,
    subtitle: `${subjects.length} ${
      subjects.length === 1 ? "input" : "inputs"
    }, thinkset ${VERSION}`,
    links,
    body: comparison + sections.join(""),
  });
  await writePage(options.out, page);
  return { out: options.out, subjects };
}

function readSection(
  subject: Subject,
  options: SectionOptions & { format?: Format },
): Promise<Section> {
  switch (subject.kind) {
    case "policy":
    case "scored":
      return repliesSection(subject, options);
    case "teacher":
      return teacherSection(subject, options);
    case "sft":
      return sftSection(subject, options);
    case "dpo":
      return pairsSection(subject, options);
    case "prompts":
      return promptsSection(subject, options);
  }
}

/** A folder, or a file that is no report, is not written over unasked. */
async function checkOut(out: string, overwrite: boolean): Promise<void> {
  let head: string;
  try {
    if ((await Deno.stat(out)).isDirectory) {
      throw new InputError(`${out}: --out is a folder; name a file`);
    }
    using file = await Deno.open(out);
    const bytes = new Uint8Array(REPORT_MARK.length);
    await file.read(bytes);
    head = new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error instanceof InputError ? error : new InputError(`${out}: ${messageOf(error)}`);
  }
  if (head !== REPORT_MARK && !overwrite) {
    throw new InputError(`${out}: stands there already and is no report: pass --overwrite`);
  }
}
