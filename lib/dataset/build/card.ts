/** The dataset card: YAML that `load_dataset` and the Hub read, then how the dataset was made. */
import type { Manifest } from "../../core/manifest.ts";
import type { CardSection } from "../../io/training_file.ts";
import type { Columns, ColumnType } from "../../io/columns.ts";
import { type DatasetConfig, DEFAULT_CONFIG } from "./dataset_config.ts";

/** What the card tells beside what the manifest holds. */
export interface CardFacts {
  title: string;
  /** A paragraph: what a row is. */
  about: string;
  /** An identifier of the Hub's list (`cc-by-4.0`); left out where the user gave none. */
  license?: string;
  tags: string[];
  /** Rows of a table: what was used, and how it was set. */
  settings: [string, string][];
  /** What stands out in the rows, a line each. */
  notes?: string[];
  /** Sections of their own: a table, its head first, and what stands under it. */
  sections?: CardSection[];
}

/** A picture beside the card. */
export interface CardPicture {
  caption: string;
  path: string;
}

/** The whole README.md. It holds no clock times: equal datasets have equal cards. */
export function datasetCard(
  configs: readonly DatasetConfig[],
  facts: CardFacts,
  pictures: readonly CardPicture[],
  manifest: Manifest,
): string {
  return `---\n${yaml(configs, facts)}---\n\n${body(configs, facts, pictures, manifest)}`;
}

function yaml(configs: readonly DatasetConfig[], facts: CardFacts): string {
  const lines: string[] = [];
  if (facts.license !== undefined) lines.push(`license: ${JSON.stringify(facts.license)}`);
  lines.push("task_categories:", "- text-generation", "tags:");
  lines.push(...facts.tags.map((tag) => `- ${tag}`));
  lines.push("size_categories:", `- ${sizeCategory(configs)}`, "configs:");
  for (const { name, folder, splits } of configs) {
    lines.push(`- config_name: ${name}`);
    if (name === DEFAULT_CONFIG && configs.length > 1) lines.push("  default: true");
    lines.push("  data_files:");
    for (const { split } of splits) {
      lines.push(`  - split: ${split}`, `    path: ${folder}/${split}-*`);
    }
  }
  lines.push("dataset_info:");
  for (const { name, columns, splits } of configs) {
    lines.push(`- config_name: ${name}`, "  features:", ...features(columns, "  "), "  splits:");
    let download = 0, size = 0;
    for (const { split, rows, plainBytes, parquet } of splits) {
      lines.push(`  - name: ${split}`, `    num_bytes: ${plainBytes}`, `    num_examples: ${rows}`);
      for (const { bytes } of parquet) download += bytes;
      size += plainBytes;
    }
    lines.push(`  download_size: ${download}`, `  dataset_size: ${size}`);
  }
  return lines.join("\n") + "\n";
}

/** Features as the card's YAML writes them: `dtype`, `list`, `struct`. */
function features(columns: Columns, indent: string): string[] {
  return Object.entries(columns).flatMap(([name, type]) => [
    `${indent}- name: ${name}`,
    ...feature(type, `${indent}  `),
  ]);
}

function feature(type: ColumnType, indent: string): string[] {
  if (typeof type === "string") return [`${indent}dtype: ${type}`];
  if ("struct" in type) return [`${indent}struct:`, ...features(type.struct, indent)];
  const { list } = type;
  if (typeof list === "string") return [`${indent}list: ${list}`];
  if ("struct" in list) return [`${indent}list:`, ...features(list.struct, indent)];
  return [`${indent}list:`, ...feature(list, `${indent}  `)];
}

function sizeCategory(configs: readonly DatasetConfig[]): string {
  const rows = configs[0]?.splits.reduce((sum, split) => sum + split.rows, 0) ?? 0;
  const steps: [number, string][] = [
    [1e3, "n<1K"],
    [1e4, "1K<n<10K"],
    [1e5, "10K<n<100K"],
    [1e6, "100K<n<1M"],
    [1e7, "1M<n<10M"],
  ];
  return steps.find(([limit]) => rows < limit)?.[1] ?? "10M<n<100M";
}

function body(
  configs: readonly DatasetConfig[],
  facts: CardFacts,
  pictures: readonly CardPicture[],
  manifest: Manifest,
): string {
  const { counts } = manifest;
  const parts = [`# ${facts.title}`, facts.about];
  parts.push(table(
    ["configuration", "split", "rows"],
    configs.flatMap(({ name, splits }) =>
      splits.map(({ split, rows }) => [name, split, String(rows)])
    ),
  ));
  const settings: [string, string][] = [
    ["stage", manifest.stage],
    ["thinkset", manifest.version],
    ["models", manifest.models.join(", ")],
    ...facts.settings,
  ];
  if (manifest.seed !== null) settings.push(["seed", String(manifest.seed)]);
  parts.push("## How it was made", table(["", ""], settings));
  const repeated = counts.duplicates > 0
    ? ` (${counts.duplicates} repeated rows were left out)`
    : "";
  parts.push(
    `${counts.input} prompts went in${repeated}: ${counts.kept} were kept and ` +
      `${counts.rejected} rejected.`,
  );
  const reasons = Object.entries(counts.rejected_by_reason);
  if (reasons.length > 0) {
    parts.push(table(["rejected because", "prompts"], reasons.map(([a, b]) => [a, String(b)])));
  }
  if (facts.notes?.length) {
    parts.push("## What stands out", facts.notes.map((note) => `- ${cell(note)}`).join("\n"));
  }
  parts.push(...(facts.sections ?? []).map(cardSection));
  for (const { caption, path } of pictures) parts.push(`![${caption}](${path})`);
  return parts.join("\n\n") + "\n";
}

/** A section in Markdown: a heading, its table, and a list. */
export function cardSection({ title, table: [head, ...rows], lines }: CardSection): string {
  const list = lines.map((line) => `- ${cell(line)}`).join("\n");
  return [`## ${title}`, table(head!, rows), list].join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Text in a table's cell or a list: names of models and the like are not trusted to be plain. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|]/g, "\\$&").replace(/\s+/g, " ");
}
