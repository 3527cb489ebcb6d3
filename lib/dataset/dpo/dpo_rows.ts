/** How scored records become pairs, and pairs the rows of a dataset. */
import type { Format } from "../../core/records.ts";
import { needsJson } from "../../io/write/message_values.ts";
import { readScoredRows } from "../../io/records/read_records.ts";
import type { BuildInput } from "../build/build_input.ts";
import { CardPlot } from "../build/card_plot.ts";
import type { RowMaker } from "../build/dataset_builder.ts";
import { DEFAULT_CONFIG } from "../build/dataset_config.ts";
import { LeafWriter } from "../build/leaf_writer.ts";
import { SpooledRows } from "../build/spooled_rows.ts";
import { limitsOf } from "../gate/gate_options.ts";
import { PairGate } from "../gate/pair_gate.ts";
import { findingLine, heldToLimits } from "../gate/refuse.ts";
import { historyOf } from "../tokens/history_thoughts.ts";
import type { LengthLimit } from "../tokens/length_limit.ts";
import type { RowForm } from "../tokens/row_form.ts";
import { AllResponses } from "./all_responses.ts";
import { dpoCard } from "./dpo_card.ts";
import type { DpoReject, DpoSettings } from "./dpo_options.ts";
import { type Choice, hasToCount, PairMaker } from "./pair_maker.ts";
import {
  DPO_COLUMNS,
  exportedPair,
  pairRow,
  pairTexts,
  promptOfPair,
  RLMT_DPO_COLUMNS,
  rlmtRow,
} from "./pair_rows.ts";
import { ScoreScale } from "./score_scale.ts";

/** The form of rows by the reply format, which the first record may tell. */
export type FormOf = (format: Format, turns?: { json: boolean }) => RowForm;

/** Prompts whose lengths are counted together, on all cores. */
const SETTLED_AT_ONCE = 64;

/** The pairs of scored records, chosen, and written in NumPy's order. */
export function dpoRows(
  options: DpoSettings,
  input: BuildInput<DpoReject>,
  { limit, form: formOf }: { limit: LengthLimit; form: FormOf },
): RowMaker<Choice> {
  const { folder } = input, { compat } = options, limits = limitsOf(options.gate);
  const scale = new ScoreScale(options.score), maker = new PairMaker(options, limit, scale);
  const pairs = new SpooledRows(folder), gate = new PairGate(limits);
  const all = options.withAllResponses ? new AllResponses(folder) : undefined;
  const margins = new CardPlot(), models = new Set<string>();
  /** Some prompt calls tools, or offers some. */
  let json = false;
  return {
    async *outcomes() {
      if (scale.needsAll) await scale.measure(input.ahead(readScoredRows));
      const waiting: Choice[] = [];
      for await (const { where, ...record } of input.scored()) {
        models.add(record.model).add(record.reward_model);
        await all?.write(record);
        record.prompt = historyOf(record.prompt, options.historyThoughts);
        waiting.push(maker.choose(record, where, input.pairOf(record.id)));
        // What the tokenizer does not render is told by the first record.
        formOf(maker.format!);
        // They wait for one another only behind one whose tokens are to be counted.
        if (waiting.length === SETTLED_AT_ONCE || !hasToCount(waiting[0]!)) {
          yield* await maker.settled(waiting.splice(0));
        }
      }
      yield* await maker.settled(waiting);
    },
    keep(choice) {
      const { id, source, prompt, extra } = choice;
      for (const { chosen, rejected } of choice.pairs) {
        const margin = chosen.score - rejected.score;
        // A malformed reply has no score, and so no margin.
        if (Number.isFinite(margin)) margins.add(margin);
        gate.add({ id, source, prompt, chosen: chosen.turn, rejected: rejected.turn });
      }
      json ||= needsJson({ messages: prompt, tools: choice.tools });
      const ranked = options.export.includes("ranked") ? choice.candidates : [];
      const texts = choice.pairs.map((pair, at) => pairTexts(choice, pair, at === 0 ? ranked : []));
      pairs.add(prompt, texts, compat ? undefined : extra);
    },
    async finish() {
      const { trainSplit, seed, saveToDisk, export: targets } = options;
      const format = maker.format!, form = formOf(format, { json }), { messages } = form;
      const own = { ...DPO_COLUMNS, prompt: messages, chosen: messages, rejected: messages };
      const mine = { ...own, ...form.columns };
      const columns = compat ? RLMT_DPO_COLUMNS : { ...mine, ...pairs.extra.columns(mine) };
      const order = { seed, train: Math.trunc(trainSplit * pairs.prompts) };
      const splits = pairs.split(order, { grouped: compat === undefined });
      const leaf = new LeafWriter(folder, {
        splits: splits.names,
        configs: { [DEFAULT_CONFIG]: columns },
        saveToDisk,
        exports: { kind: "dpo", targets, form },
      });
      for (const { split, texts } of splits.read()) {
        if (limits.duplicates !== undefined) gate.place(promptOfPair(texts), split);
        leaf.exported?.addPair(split, exportedPair(texts));
        await leaf.write(split, compat ? rlmtRow(texts) : pairRow(texts, pairs.extra, form));
      }
      const { configs, files } = await leaf.close(), findings = gate.findings();
      files.push(...heldToLimits(findings, limits, { root: folder.root, out: options.out }));
      if (all !== undefined) configs.push(await all.close());
      const notes = findings.filter(({ standsOut }) => standsOut).map(findingLine);
      const svg = margins.svg("Margins: score of chosen less score of rejected", "margin");
      const plot = { caption: "Margins of the pairs", svg };
      return {
        leaves: [{
          folder: "",
          configs,
          card: { ...dpoCard(options, format), notes },
          files,
          plot,
        }],
        models,
        extra: {
          format,
          pairs: { all: pairs.length, ...splits.rows },
          malformed_replies: maker.malformed,
          tokenized: limit.counted,
          repairs: input.repairs,
          gate: Object.fromEntries(findings.map(({ gate, value }) => [gate, value])),
          ...(notes.length > 0 ? { stands_out: notes } : {}),
        },
      };
    },
  };
}
