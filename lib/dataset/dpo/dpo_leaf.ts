/** A DPO dataset of a build: its pairs wait on disk until all are known, then they are written. */
import type { Format } from "../../core/records.ts";
import { needsJson } from "../../io/write/message_values.ts";
import type { BuildFolder } from "../build/build_folder.ts";
import { CardPlot } from "../build/card_plot.ts";
import type { DatasetLeaf } from "../build/dataset_leaf.ts";
import { SpooledRows } from "../build/spooled_rows.ts";
import { limitsOf } from "../gate/gate_options.ts";
import { PairGate } from "../gate/pair_gate.ts";
import { heldToLimits } from "../gate/refuse.ts";
import { type RowForm, rowForm } from "../tokens/row_form.ts";
import type { TargetTokenizer } from "../tokens/tokenizer.ts";
import { dpoCard } from "./dpo_card.ts";
import type { DpoSettings } from "./dpo_options.ts";
import type { Choice } from "./pair_maker.ts";
import { exportedPair, pairForm, pairTexts, promptOfPair } from "./pair_rows.ts";

/** The form of rows by the reply format; `json` where some prompt calls tools, or offers some. */
export type FormOf = (format: Format, turns?: { json: boolean }) => RowForm;

/** The forms that a tokenizer's template wants. */
export function formOf(tokenizer: TargetTokenizer, options: DpoSettings): FormOf {
  const forms = new Map<Format, RowForm>();
  return (format, turns) => {
    if (turns !== undefined) return rowForm(tokenizer, format, options, turns);
    const form = forms.get(format) ?? rowForm(tokenizer, format, options);
    forms.set(format, form);
    return form;
  };
}

/** Takes the pairs that are kept, in input order. */
export class DpoLeaf {
  readonly #options: DpoSettings;
  readonly #folder: BuildFolder;
  readonly #limits: ReturnType<typeof limitsOf>;
  readonly #pairs: SpooledRows;
  readonly #gate: PairGate;
  readonly #margins = new CardPlot();
  #json = false;

  constructor(options: DpoSettings, folder: BuildFolder) {
    this.#options = options;
    this.#folder = folder;
    this.#limits = limitsOf(options.gate);
    this.#pairs = new SpooledRows(folder);
    this.#gate = new PairGate(this.#limits);
  }

  /** Takes a prompt's pairs. */
  add(choice: Choice): void {
    const { id, source, prompt, tools, extra, pairs, candidates } = choice;
    for (const { chosen, rejected } of pairs) {
      const margin = chosen.score - rejected.score;
      // A malformed reply has no score, and so no margin.
      if (Number.isFinite(margin)) this.#margins.add(margin);
      this.#gate.add({ id, source, prompt, chosen: chosen.turn, rejected: rejected.turn });
    }
    this.#json ||= needsJson({ messages: prompt, tools });
    const { compat, export: targets } = this.#options;
    const ranked = targets.includes("ranked") ? candidates : [];
    const texts = pairs.map((pair, at) => pairTexts(choice, pair, at === 0 ? ranked : []));
    this.#pairs.add(prompt, texts, compat ? undefined : extra);
  }

  /**
   * Writes the dataset; with it comes what the manifest tells of the pairs.
   *
   * @throws {RunError} where a gate refuses them.
   */
  async close(format: Format, formOf: FormOf) {
    const { trainSplit, seed, saveToDisk, compat, export: targets, out } = this.#options;
    const form = formOf(format, { json: this.#json }), { columns, row } = pairForm(form, compat);
    const { configs, files, rows } = await this.#pairs.write({
      seed,
      train: Math.trunc(trainSplit * this.#pairs.prompts),
      grouped: compat === undefined,
      columns,
      saveToDisk,
      exports: { kind: "dpo", targets, form },
    }, ({ split, texts }, exported) => {
      if (this.#limits.duplicates !== undefined) this.#gate.place(promptOfPair(texts), split);
      exported?.addPair(split, exportedPair(texts));
      return row(texts);
    });
    const place = { root: this.#folder.root, out };
    const report = heldToLimits(this.#gate.findings(), this.#limits, place);
    const svg = this.#margins.svg("Margins: score of chosen less score of rejected", "margin");
    const leaf: DatasetLeaf = {
      folder: "",
      configs,
      card: { ...dpoCard(this.#options, format), notes: report.notes },
      files: [...files, ...report.files],
      plot: { caption: "Margins of the pairs", svg },
    };
    return { leaf, pairs: { all: this.#pairs.length, ...rows }, gate: report.facts };
  }
}
