/** One self-contained HTML page about any runs and datasets. */
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError, messageOf } from "../core/errors.ts";
import type { Format } from "../core/records.ts";
import { VERSION } from "../core/version.ts";
import { writeWhole } from "../io/disk/write_whole.ts";
import { type ComparedRun, compareHtml } from "./compare.ts";
import { pairsSection, promptsSection, sftSection, teacherSection } from "./dataset_section.ts";
import { pageHtml, REPORT_MARK } from "./page.ts";
import { evaluationHtml } from "./evaluation_section.ts";
import { chartsHtml, rejectCharts } from "./pieces.ts";
import { repliesSection } from "./replies_section.ts";
import { Reservoir } from "./reservoir.ts";
import type { Section, SectionOptions } from "./section.ts";
import { sectionHtml } from "./section_html.ts";
import type { ReportOptions } from "./report_options.ts";
import { RowsProgress } from "../run/rows_progress.ts";
import { type KnownStage, type Subject, type SubjectKind, subjectsOf } from "./subject.ts";

/** A page that was written. */
export interface Reported {
  /** Where it is. */
  out: string;
  /** The runs and datasets that it tells of. */
  subjects: Subject[];
}

/**
 * Writes a page about runs and datasets: counts and the ledger, distributions, and some records to
 * read with their thoughts folded. Scored runs are compared where there are several. Everything is
 * in the one file; nothing a model wrote can run in it. Equal inputs give equal bytes.
 *
 * @throws {InputError} where an input is nothing to report of, or `out` is another file.
 */
export async function report(
  options: z.output<typeof ReportOptions>,
  context: StageContext,
  stages: readonly KnownStage[],
): Promise<Reported> {
  await checkOut(options.out, options.overwrite);
  const subjects = await subjectsOf(options.in, stages);
  const sections: string[] = [];
  const compared: ComparedRun[] = [];
  const reading: SectionOptions & { format?: Format } = {
    reservoir: <T>({ name }: Subject) => new Reservoir<T>(options.samples, options.seed, name),
    rows: options.rows,
    signal: context.signal,
    format: options.format,
  };
  for (const [index, subject] of subjects.entries()) {
    const progress = new RowsProgress(context, `report: ${subject.name}`);
    const onRow = () => progress.row();
    const section = await SECTIONS[subject.kind](subject, { ...reading, onRow })
      .finally(() => progress.end());
    const { summary, rewards } = section;
    if (summary && rewards) compared.push({ name: subject.name, summary, ...rewards });
    const charts = await chartsHtml([...section.charts, ...rejectCharts(subject)]);
    sections.push(sectionHtml(subject, { ...section, charts }, `s${index}`));
  }
  const comparison = await compareHtml(compared.filter(({ summary }) => summary.scores.length > 0));
  const evaluated = await evaluationHtml(subjects, options, context);
  const links = subjects.map(({ name }, index) => ({ id: `s${index}`, text: name }));
  if (comparison) links.unshift({ id: "compared", text: "compared" });
  if (evaluated) links.unshift({ id: "evaluated", text: "evaluated" });
  const page = pageHtml({
    title: options.title,
    subtitle: `${subjects.length} ${
      subjects.length === 1 ? "input" : "inputs"
    }, thinkset ${VERSION}`,
    links,
    body: evaluated + comparison + sections.join(""),
  });
  writeWhole(options.out, page);
  return { out: options.out, subjects };
}

type Reader = (
  subject: Subject,
  options: SectionOptions & { format?: Format },
) => Promise<Section>;

/** How each kind of subject is shown. */
const SECTIONS: Record<SubjectKind, Reader> = {
  policy: repliesSection,
  scored: repliesSection,
  teacher: teacherSection,
  sft: sftSection,
  dpo: pairsSection,
  rl: promptsSection,
  prompts: promptsSection,
};

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
