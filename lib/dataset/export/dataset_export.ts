/** A dataset's rows as other programs read them: JSON Lines, and what they find them by. */
import { join } from "node:path";
import { sha256 } from "../../core/canonical.ts";
import type { FileEntry } from "../../core/manifest.ts";
import { JsonLinesFile } from "../../io/disk/json_lines_file.ts";
import type { BuildFolder } from "../build/build_folder.ts";
import type { ExportedChat, ExportedPair, ExportForm, ExportKind } from "./export_rows.ts";
import { type ExportName, exportTarget } from "./export_targets.ts";

/** Writes `export/TARGET/SPLIT.jsonl` beside a dataset. */
export class DatasetExport {
  readonly #root: string;
  readonly #kind: ExportKind;
  readonly #splits: readonly string[];
  readonly #form: ExportForm;
  #hasTools = false;
  readonly #files: { target: ExportName; split: string; file: JsonLinesFile }[] = [];

  constructor(
    { root, opened }: Pick<BuildFolder, "root" | "opened">,
    { kind, targets, form }: {
      kind: ExportKind;
      targets: readonly ExportName[];
      form: ExportForm;
    },
    splits: readonly string[],
  ) {
    this.#root = root;
    this.#kind = kind;
    this.#splits = splits;
    this.#form = form;
    for (const target of new Set(targets)) {
      for (const split of splits) {
        const file = new JsonLinesFile(join(root, pathOf(target, split)));
        opened.defer(() => file.abandon());
        this.#files.push({ target, split, file });
      }
    }
  }

  /** Adds a row of SFT to a split. */
  addChat(split: string, row: ExportedChat): void {
    this.#hasTools ||= row.tools !== undefined;
    this.#add(split, (target) => exportTarget(target).sft?.(row, this.#form));
  }

  /** Adds a pair to a split. */
  addPair(split: string, row: ExportedPair): void {
    this.#hasTools ||= row.tools !== undefined;
    this.#add(split, (target) => exportTarget(target).dpo?.(row, this.#form));
  }

  #add(split: string, linesOf: (target: ExportName) => object[] | undefined): void {
    for (const each of this.#files) {
      if (each.split !== split) continue;
      for (const line of linesOf(each.target) ?? []) each.file.add(line);
    }
  }

  close(): FileEntry[] {
    const entries = this.#files.map(({ target, split, file }) => file.close(pathOf(target, split)));
    for (const target of new Set(this.#files.map((each) => each.target))) {
      const rows = { place: this.#form.place, hasTools: this.#hasTools };
      const index = exportTarget(target).index?.(this.#kind, this.#splits, rows);
      if (index === undefined) continue;
      const path = `export/${target}/${index[0]}`;
      Deno.writeTextFileSync(join(this.#root, path), index[1]);
      entries.push({ path, sha256: sha256(index[1]), rows: 0 });
    }
    return entries;
  }
}

function pathOf(target: ExportName, split: string): string {
  return `export/${target}/${split}.jsonl`;
}
