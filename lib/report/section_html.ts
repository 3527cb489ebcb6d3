/** A subject's section of a page, as safe HTML. */
import { escapeHtml, tableHtml } from "../view/html.ts";
import { figuresHtml, ledgerHtml, originHtml, samplesHtml } from "./pieces.ts";
import type { Section } from "./section.ts";
import type { Subject, SubjectKind } from "./subject.ts";

const KINDS: Record<SubjectKind, string> = {
  teacher: "teacher replies",
  policy: "policy replies",
  scored: "scored replies",
  sft: "SFT dataset",
  dpo: "DPO dataset",
  rl: "prompts",
  prompts: "prompts",
};

/** The section, with its charts drawn already; links on the page find it by `id`. */
export function sectionHtml(
  subject: Subject,
  { figures, note, charts, tables = [], samples }: Omit<Section, "charts"> & { charts: string },
  id: string,
): string {
  return `<section id="${id}"><h2>${escapeHtml(subject.name)}</h2>` +
    `<p class="kind">${KINDS[subject.kind]}</p>` + figuresHtml(figures) +
    (note ? `<p class="kind">${escapeHtml(note)}</p>` : "") + ledgerHtml(subject) + charts +
    tables.map(({ title, head, rows }) => `<h3>${escapeHtml(title)}</h3>${tableHtml(head, rows)}`)
      .join("") +
    samples.map(samplesHtml).join("") + originHtml(subject) + `</section>`;
}
