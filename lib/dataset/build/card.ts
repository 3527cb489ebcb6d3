/** The dataset card: YAML that `load_dataset` and the Hub read, then how the dataset was made. */
import { Scalar, stringify } from "yaml";
import type { Manifest } from "../../core/manifest.ts";
import type { CardSection } from "../../io/records/training_file.ts";
import type { Columns, ColumnType } from "../../io/write/columns.ts";
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

/** What `load_dataset` reads by YAML 1.1, in which more words than in 1.2 are no text. */
function yaml(configs: readonly DatasetConfig[], { license, tags }: CardFacts): string {
  const head = {
    ...(license === undefined ? {} : { license: quoted(license) }),
    task_categories: ["text-generation"],
    tags,
    size_categories: [sizeCategory(configs)],
    configs: configs.map(({ name, folder, splits }) => ({
      config_name: name,
      ...(name === DEFAULT_CONFIG && configs.length > 1 ? { default: true } : {}),
      data_files: splits.map(({ split }) => ({ split, path: `${folder}/${split}-*` })),
    })),
    dataset_info: configs.map(({ name, columns, splits }) => ({
      config_name: name,
      features: features(columns),
      splits: splits.map(({ split, rows, plainBytes }) => (
        { name: split, num_bytes: plainBytes, num_examples: rows }
      )),
      download_size: sum(splits.flatMap(({ parquet }) => parquet.map(({ bytes }) => bytes))),
      dataset_size: sum(splits.map(({ plainBytes }) => plainBytes)),
    })),
  };
  return stringify(head, { version: "1.1", indentSeq: false, lineWidth: 0 });
}

/** Features as the card has them: `dtype`, `list`, `struct`. */
function features(columns: Columns): object[] {
  return Object.entries(columns).map(([name, type]) => ({
    name: /^[A-Za-z_]\w*$/.test(name) ? name : quoted(name),
    ...feature(type),
  }));
}

function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function feature(type: ColumnType): object {
  if (typeof type === "string") return { dtype: type };
  if ("struct" in type) return { struct: features(type.struct) };
  const { list } = type;
  if (typeof list === "string") return { list };
  return { list: "struct" in list ? features(list.struct) : [feature(list)] };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

function sizeCategory(configs: readonly DatasetConfig[]): string {
  const rows = sum(configs[0]?.splits.map((split) => split.rows) ?? []);
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
