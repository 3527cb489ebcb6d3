/** The rows as Markdown, and where a document keeps them. */
import { median, type Row } from "./row.ts";

/** Rows as a table; the notes of those that have one follow it as a list. */
export function renderTable(rows: readonly Row[], { notes }: { notes: boolean }): string {
  const head = ["what", "thinkset", "peer", "ratio: median (least to most)", "target"];
  const cells = rows.map((row) => [row.what, row.ours, row.peer, ratioOf(row), targetOf(row)]);
  const lines = [head, head.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`);
  const noted = rows.filter((row) => row.note !== undefined);
  if (!notes || noted.length === 0) return lines.join("\n");
  return [...lines, "", ...noted.map((row) => `- **${row.what}.** ${row.note}`)].join("\n");
}

/** "1.02 (0.99 to 1.05) of cp's time": two decimals below 10, one from there on. */
export function ratioOf({ ratios, unit }: Row): string {
  if (ratios.length === 0) return unit;
  const shown = (value: number) => value.toFixed(value < 9.995 ? 2 : 1);
  const spread = `${shown(Math.min(...ratios))} to ${shown(Math.max(...ratios))}`;
  return `${shown(median(ratios))}${ratios.length > 1 ? ` (${spread})` : ", once"} ${unit}`.trim();
}

function targetOf({ target }: Row): string {
  if (target === undefined) return "";
  return target.met ? target.text : `${target.text}: **missed**`;
}

/**
 * A document with the text between `<!-- NAME -->` and `<!-- /NAME -->` replaced. Throws where it
 * has no such place.
 */
export function insertBetween(document: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = document.indexOf(open), to = document.indexOf(close);
  if (from < 0 || to < from) throw new Error(`no ${open} … ${close} in the document`);
  return `${document.slice(0, from + open.length)}\n\n${text}\n\n${document.slice(to)}`;
}
