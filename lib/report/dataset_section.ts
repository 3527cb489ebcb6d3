/** SFT and DPO datasets, teacher runs and prompts: lengths, margins, and some rows to read. */
import { z } from "zod";
import { readPrompts } from "../io/prompts/read_prompts.ts";
import { readTeacherRecords } from "../io/records/read_records.ts";
import { ALL_SPLITS } from "../io/inputs/splits.ts";
import { CardSection, readTrainingFile } from "../io/records/training_file.ts";
import { countsChart } from "../view/charts/counts.ts";
import { lengthHistogram, marginHistogram, tokenHistogram } from "../view/charts/histogram.ts";
import { keptPairs } from "../view/charts/kept_pairs.ts";
import type { ChartSpec } from "../view/charts/spec.ts";
import { marginOf, type PairRow } from "../view/messages.ts";
import { cardHtml } from "../view/html.ts";
import { percent } from "../core/percent.ts";
import { count, decimal } from "../view/number_text.ts";
import { increase } from "../view/replies_summary.ts";
import { mean, median } from "../view/statistics.ts";
import { type Fields, openDataset } from "./dataset_rows.ts";
import type { Figure } from "./pieces.ts";
import { sidesOf } from "./read_pairs.ts";
import { promptOf, replyParts, replyText } from "./reply_parts.ts";
import { spreadRecords } from "./run_records.ts";
import type { Section, SectionOptions } from "./section.ts";
import type { Subject } from "./subject.ts";

/** A DPO dataset: its splits, margins, both sides' lengths, and pairs side by side. */
export async function pairsSection(subject: Subject, options: SectionOptions): Promise<Section> {
  const dataset = await openDataset(subject, options);
  const sources: Record<string, number> = {};
  const chosenLengths: number[] = [], rejectedLengths: number[] = [], margins: number[] = [];
  const samples = options.reservoir<Fields>(subject);
  for await (const row of dataset.rows) {
    if (typeof row.source === "string") increase(sources, row.source);
    chosenLengths.push(replyText(row.chosen).length);
    rejectedLengths.push(replyText(row.rejected).length);
    const margin = marginOf(row as unknown as PairRow);
    if (margin !== null) margins.push(margin);
    samples.add(row);
  }
  const pairs = chosenLengths.length;
  const longer = chosenLengths.filter((length, index) => length > rejectedLengths[index]!).length;
  const figures: Figure[] = [
    { label: "pairs", value: count(dataset.size()), note: splitNote(dataset.splits) },
    {
      label: "chosen is the longer side",
      value: percent(longer / pairs),
      note: `mean ${count(Math.round(mean(chosenLengths)))} against ` +
        `${count(Math.round(mean(rejectedLengths)))} characters`,
    },
  ];
  const charts: ChartSpec[] = [];
  if (margins.length === pairs && pairs > 0) {
    figures.push(
      { label: "mean margin", value: decimal(mean(margins)) },
      { label: "median margin", value: decimal(median(margins)) },
    );
    charts.push(marginHistogram(margins), keptPairs({ margins, chosenLengths, rejectedLengths }));
  }
  const sides = [
    { name: "chosen", values: chosenLengths },
    { name: "rejected", values: rejectedLengths },
  ];
  charts.push(
    lengthHistogram(sides, { title: "Lengths of both sides", counted: "pairs" }),
    ...sourceCharts(sources),
  );
  const cards = samples.items().map(pairCard);
  const { note } = dataset;
  const tables = await tablesOf(subject);
  return { figures, note, charts, tables, samples: [{ title: "Pairs side by side", cards }] };
}

/** What its builder found in the pairs, and what is known of the reward, as tables. */
export function buildersTables({ manifest }: Subject): NonNullable<Section["tables"]> {
  const { stands_out, sections } = manifest?.extra ?? {};
  const tables: NonNullable<Section["tables"]> = [];
  if (Array.isArray(stands_out)) {
    const rows = stands_out.map((words) => [String(words)]);
    tables.push({ title: "What stands out", head: ["in the pairs"], rows });
  }
  tables.push(...(z.array(CardSection).safeParse(sections).data ?? []).map(cardTable));
  return tables;
}

/** These, and what check-training kept of it. */
async function tablesOf(subject: Subject): Promise<Section["tables"]> {
  return [...buildersTables(subject), ...(await readTrainingFile(subject.path)).map(cardTable)];
}

function cardTable({ title, table: [head = [], ...rows], lines }: CardSection) {
  return { title, head, rows: [...rows, ...lines.map((line) => [line])] };
}

/** A row of a DPO dataset, its sides next to each other. */
export function pairCard(row: Fields): string {
  const { chosen, rejected } = sidesOf(row as Partial<PairRow>);
  return cardHtml(promptOf(row.prompt), [chosen, rejected]);
}

/** A row of an SFT dataset. */
export function turnsCard(row: Fields): string {
  const { thought, answer } = replyParts(row.completion ?? row.messages);
  return cardHtml(promptOf(row.prompt ?? row.messages), [{ label: "reply", thought, answer }]);
}

/** A teacher run: tokens and lengths of thoughts and answers. */
export async function teacherSection(subject: Subject, options: SectionOptions): Promise<Section> {
  const turns = new Turns();
  const samples = options.reservoir<string>(subject);
  const tokens: number[] = [];
  const reading = { allowPartial: true, signal: options.signal };
  const all = readTeacherRecords(subject.path, reading);
  const { records, note } = spreadRecords(all, subject, options);
  for await (const record of records) {
    const { messages, thought, response, source, usage, model } = record;
    turns.add(thought, response, source);
    tokens.push(usage.completion_tokens);
    samples.add(cardHtml(messages, [{ label: model, thought, answer: response }]));
  }
  const section = turns.section("replies");
  if (tokens.some((number) => number > 0)) {
    section.charts.unshift(tokenHistogram([{ name: "completion", values: tokens }]));
  }
  return { ...section, note, samples: [{ title: "Replies", cards: samples.items() }] };
}

/** An SFT dataset: lengths of thoughts and answers, and some rows. */
export async function sftSection(subject: Subject, options: SectionOptions): Promise<Section> {
  const dataset = await openDataset(subject, options);
  const turns = new Turns();
  const samples = options.reservoir<Fields>(subject);
  for await (const row of dataset.rows) {
    const { thought, answer } = replyParts(row.completion ?? row.messages);
    turns.add(thought, answer, typeof row.source === "string" ? row.source : null);
    samples.add(row);
  }
  const { figures, charts } = turns.section("rows", splitNote(dataset.splits), dataset.size());
  const { note } = dataset;
  return {
    figures,
    note,
    charts,
    tables: await tablesOf(subject),
    samples: [{ title: "Rows", cards: samples.items().map(turnsCard) }],
  };
}

/** Prompts: their number, sources and lengths. */
export async function promptsSection(subject: Subject, options: SectionOptions): Promise<Section> {
  const lengths: number[] = [], sources: Record<string, number> = {};
  const samples = options.reservoir<string>(subject);
  for await (
    const { messages, source } of readPrompts(subject.path, {
      allowPartial: true,
      split: ALL_SPLITS,
    })
  ) {
    options.signal?.throwIfAborted();
    lengths.push(messages.reduce((sum, { content }) => sum + content.length, 0));
    increase(sources, source);
    samples.add(cardHtml(messages, []));
  }
  return {
    figures: [
      { label: "prompts", value: count(lengths.length) },
      { label: "median characters", value: count(median(lengths)) },
    ],
    charts: [
      lengthHistogram([{ name: "prompt", values: lengths }], { counted: "prompts" }),
      ...sourceCharts(sources),
    ],
    samples: [{ title: "Prompts", cards: samples.items() }],
  };
}

/** Numbers of assistant turns. */
class Turns {
  readonly #thoughts: number[] = [];
  readonly #answers: number[] = [];
  readonly #sources: Record<string, number> = {};

  add(thought: string | null, answer: string, source: string | null): void {
    if (thought !== null) this.#thoughts.push(thought.length);
    this.#answers.push(answer.length);
    if (source !== null) increase(this.#sources, source);
  }

  section(
    counted: string,
    note?: string,
    all = this.#answers.length,
  ): Omit<Section, "samples"> {
    const series = [{ name: "answer", values: this.#answers }];
    const figures: Figure[] = [
      { label: counted, value: count(all), note },
      { label: "median answer, characters", value: count(median(this.#answers)) },
    ];
    if (this.#thoughts.length > 0) {
      series.unshift({ name: "thought", values: this.#thoughts });
      figures.push({ label: "median thought, characters", value: count(median(this.#thoughts)) });
    }
    return {
      figures,
      charts: [lengthHistogram(series, { counted }), ...sourceCharts(this.#sources)],
    };
  }
}

/** The rows of each split, where there are several. */
export function splitNote(splits: Record<string, number>): string | undefined {
  const names = Object.entries(splits);
  if (names.length < 2) return undefined;
  return names.map(([split, rows]) => `${split} ${count(rows)}`).join(", ");
}

function sourceCharts(sources: Record<string, number>): ChartSpec[] {
  if (Object.keys(sources).length < 2) return [];
  return [countsChart(sources, { title: "Rows by source", counted: "rows" })];
}
