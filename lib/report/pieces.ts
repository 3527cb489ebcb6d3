/** The parts that sections are made of, as safe HTML. */
import { rejectedByReason } from "../view/charts/counts.ts";
import type { ChartSpec } from "../view/charts/spec.ts";
import { escapeHtml, tableHtml } from "../view/html.ts";
import { count } from "../view/number_text.ts";
import { toSvg } from "../view/svg.ts";
import type { Subject } from "./subject.ts";

/** A key figure. */
export interface Figure {
  label: string;
  value: string;
  /** A word or two under it. */
  note?: string;
}

/** Records to read. */
export interface Samples {
  title: string;
  cards: string[];
  /** Set where they are chosen otherwise than at random. */
  how?: string;
}

/** Key figures side by side. */
export function figuresHtml(figures: readonly Figure[]): string {
  const items = figures.map(({ label, value, note }) =>
    `<div class="figure"><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span>` +
    `${note ? `<i>${escapeHtml(note)}</i>` : ""}</div>`
  );
  return `<div class="figures">${items.join("")}</div>`;
}

/** Charts side by side, as SVG within the page. */
export async function chartsHtml(specs: readonly ChartSpec[]): Promise<string> {
  if (specs.length === 0) return "";
  const figures: string[] = [];
  for (const spec of specs) {
    const label = escapeHtml(String(spec.description ?? ""));
    figures.push(`<figure role="img" aria-label="${label}">${await toSvg(spec)}</figure>`);
  }
  return `<div class="charts">${figures.join("")}</div>`;
}

/** Cards of samples, folded to a heading. */
export function samplesHtml({ title, cards, how = "at random" }: Samples): string {
  if (cards.length === 0) return "";
  const heading = `${escapeHtml(title)} <small>(${cards.length}${how && ` ${how}`})</small>`;
  return `<details class="samples" open><summary>${heading}</summary>${cards.join("")}</details>`;
}

/** The ledger: where every prompt of the input stands. */
export function ledgerHtml({ manifest }: Subject): string {
  if (manifest === undefined) return "";
  const { input, kept, rejected, pending, duplicates } = manifest.counts;
  const sound = input === kept + rejected + pending;
  const rule = sound ? "input = kept + rejected + pending" : "does not add up";
  return `<h3>Ledger <small>${rule}</small></h3>` + tableHtml(
    ["status", "input", "kept", "rejected", "pending", "duplicates"],
    [[manifest.status, ...[input, kept, rejected, pending, duplicates].map(count)]],
  );
}

/** A chart of rejects by reason, where there are any. */
export function rejectCharts({ manifest }: Subject): ChartSpec[] {
  const reasons = manifest?.counts.rejected_by_reason ?? {};
  return Object.keys(reasons).length === 0 ? [] : [rejectedByReason(reasons)];
}

/** What made a subject: stage, models, tokens, options that were set. */
export function originHtml({ path, manifest }: Subject): string {
  const facts: [string, string][] = [["path", path]];
  if (manifest !== undefined) {
    facts.push(["stage", `${manifest.stage} (thinkset ${manifest.version})`]);
    if (manifest.models.length > 0) facts.push(["model", manifest.models.join(", ")]);
    if (manifest.seed !== null) facts.push(["seed", String(manifest.seed)]);
    const tokens = Object.entries(manifest.tokens).filter(([, number]) => number > 0);
    if (tokens.length > 0) {
      facts.push(["tokens", tokens.map(([kind, number]) => `${kind} ${count(number)}`).join(", ")]);
    }
    if (manifest.cost !== null) facts.push(["cost", `$${manifest.cost.toFixed(4)}`]);
    facts.push(["inputs", manifest.inputs.map((input) => input.path).join(", ")]);
    const set = Object.entries(manifest.options).filter(([name, value]) =>
      !["in", "prompts", "out", "seed"].includes(name) && value !== null && value !== false &&
      !(Array.isArray(value) && value.length === 0)
    );
    facts.push(["options", set.map(([name, value]) => `${name} ${plain(value)}`).join(" · ")]);
  }
  const rows = facts.filter(([, value]) => value !== "").map(([name, value]) =>
    `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`
  );
  return `<details class="origin"><summary>how it was made</summary><dl>${
    rows.join("")
  }</dl></details>`;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
