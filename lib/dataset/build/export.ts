/** Datasets as LLaMA-Factory and axolotl read them: JSON Lines of chats. */
import { join } from "node:path";
import { sha256 } from "../../core/canonical.ts";
import type { FileEntry } from "../../core/manifest.ts";
import { JsonLinesFile } from "../../io/json_lines_file.ts";

/** The programs that are exported for. */
export const EXPORTS = ["llama-factory", "axolotl"] as const;
export type ExportTarget = (typeof EXPORTS)[number];

/** What a row is: a chat to be learnt, or a prompt with two replies. */
export type ExportKind = "sft" | "dpo";

/** Writes `export/TARGET/SPLIT.jsonl` beside a dataset, and what the program needs to find them. */
export class DatasetExport {
  readonly #root: string;
  readonly #kind: ExportKind;
  readonly #splits: readonly string[];
  readonly #files: { target: ExportTarget; split: string; file: JsonLinesFile }[] = [];

  constructor(
    root: string,
    kind: ExportKind,
    targets: readonly ExportTarget[],
    splits: readonly string[],
  ) {
    this.#root = root;
    this.#kind = kind;
    this.#splits = splits;
    for (const target of new Set(targets)) {
      for (const split of splits) {
        const file = new JsonLinesFile(join(root, pathOf(target, split)));
        this.#files.push({ target, split, file });
      }
    }
  }

  /** Adds a row to a split: `{messages}`, or `{messages, chosen, rejected}`. */
  add(split: string, row: unknown): void {
    for (const each of this.#files) if (each.split === split) each.file.add(row);
  }

  close(): FileEntry[] {
    const entries = this.#files.map(({ target, split, file }) => file.close(pathOf(target, split)));
    for (const target of new Set(this.#files.map((each) => each.target))) {
      const [path, text] = target === "llama-factory"
        ? ["dataset_info.json", this.#llamaFactoryInfo()]
        : ["datasets.yaml", this.#axolotlConfig()];
      const within = `export/${target}/${path}`;
      Deno.writeTextFileSync(join(this.#root, within), text);
      entries.push({ path: within, sha256: sha256(text), rows: 0 });
    }
    return entries;
  }

  /** Lets go of open files after a failure. */
  abandon(): void {
    for (const { file } of this.#files) file.abandon();
  }

  /** LLaMA-Factory's list of datasets (its `dataset_dir`). */
  #llamaFactoryInfo(): string {
    const pairs = { chosen: "chosen", rejected: "rejected" };
    const info = Object.fromEntries(this.#splits.map((split) => [`thinkset_${split}`, {
      file_name: `${split}.jsonl`,
      formatting: "sharegpt",
      ...(this.#kind === "dpo" ? { ranking: true } : {}),
      columns: { messages: "messages", ...(this.#kind === "dpo" ? pairs : {}) },
      tags: {
        role_tag: "role",
        content_tag: "content",
        user_tag: "user",
        assistant_tag: "assistant",
        system_tag: "system",
      },
    }]));
    return JSON.stringify(info, null, 2) + "\n";
  }

  /** The part of an axolotl configuration that names these files. */
  #axolotlConfig(): string {
    const type = this.#kind === "sft" ? "chat_template" : "chat_template.default";
    const lines = this.#kind === "dpo" ? ["rl: dpo"] : [];
    for (const split of this.#splits) {
      lines.push(split === "train" ? "datasets:" : "test_datasets:");
      lines.push(`- path: ${split}.jsonl`, "  ds_type: json", "  split: train", `  type: ${type}`);
      lines.push("  field_messages: messages");
      if (this.#kind === "dpo") lines.push("  field_chosen: chosen", "  field_rejected: rejected");
      lines.push("  message_property_mappings:", "    role: role", "    content: content");
    }
    return lines.join("\n") + "\n";
  }
}

function pathOf(target: ExportTarget, split: string): string {
  return `export/${target}/${split}.jsonl`;
}
