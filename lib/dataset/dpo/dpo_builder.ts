/** A build of pairs: from scored records, through choices, to the rows of the dataset. */
import { InputError } from "../../core/errors.ts";
import type { Format } from "../../core/records.ts";
import { wordsOf } from "../../io/input_files.ts";
import { needsJson } from "../../io/message_values.ts";
import { readScoredRows } from "../../io/read_records.ts";
import type { BuildFolder } from "../build/build_folder.ts";
import type { BuildInput } from "../build/build_input.ts";
import { CardPlot } from "../build/card_plot.ts";
import type { BuiltDataset } from "../build/dataset_leaf.ts";
import { SpooledRows } from "../build/spooled_rows.ts";
import { DatasetExport } from "../export/dataset_export.ts";
import { limitsOf } from "../gate/gate_options.ts";
import { PairGate } from "../gate/pair_gate.ts";
import { findingLine, heldToLimits } from "../gate/refuse.ts";
import { historyOf } from "../tokens/history_thoughts.ts";
import { LengthLimit } from "../tokens/length_limit.ts";
import type { RowForm } from "../tokens/row_form.ts";
import { AllResponses } from "./all_responses.ts";
import { checkedReward } from "../build/checked_reward.ts";
import { dpoCard } from "./dpo_card.ts";
import type { DpoReject, DpoSettings } from "./dpo_options.ts";
import type { Pair } from "./pair_rules.ts";
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

/** Reads scored records, chooses their pairs, and writes them. */
export class DpoBuilder {
  readonly #options: DpoSettings;
  readonly #input: BuildInput<DpoReject>;
  readonly #folder: BuildFolder<DpoReject>;
  readonly #form: FormOf;
  readonly #maker: PairMaker;
  readonly #scale: ScoreScale;
  readonly #pairs: SpooledRows;
  readonly #all: AllResponses | undefined;
  readonly #gate: PairGate;
  readonly #margins = new CardPlot();
  readonly #models = new Set<string>();
  readonly #rewards = new Set<string>();
  /** Some prompt calls tools, or offers some. */
  #json = false;

  constructor(
    options: DpoSettings,
    { limit, form, json }: { limit: LengthLimit; form: FormOf; json: boolean },
    input: BuildInput<DpoReject>,
    folder: BuildFolder<DpoReject>,
  ) {
    this.#options = options;
    this.#input = input;
    this.#folder = folder;
    this.#form = form;
    this.#scale = new ScoreScale(options.score);
    this.#maker = new PairMaker(options, limit, this.#scale);
    this.#pairs = new SpooledRows(folder.root);
    this.#gate = new PairGate(limitsOf(options.gate));
    if (options.withAllResponses) this.#all = new AllResponses(folder.root, { json });
  }

  async build(): Promise<BuiltDataset> {
    try {
      await this.#read();
      return await this.#write();
    } catch (error) {
      this.#all?.abandon();
      throw error;
    } finally {
      this.#pairs.close();
    }
  }

  async #read(): Promise<void> {
    if (this.#scale.needsAll) await this.#scale.measure(this.#input.ahead(readScoredRows));
    const waiting: Choice[] = [];
    const { historyThoughts } = this.#options;
    for await (const { where, ...record } of this.#input.scored()) {
      this.#models.add(record.model).add(record.reward_model);
      this.#rewards.add(record.reward_model);
      await this.#all?.write(record);
      record.prompt = historyOf(record.prompt, historyThoughts);
      waiting.push(this.#maker.choose(record, where, this.#input.pairOf(record.id)));
      // They wait for one another only behind one whose tokens are to be counted.
      if (waiting.length === SETTLED_AT_ONCE || !hasToCount(waiting[0]!)) {
        await this.#settle(waiting.splice(0));
      }
    }
    await this.#settle(waiting);
    if (this.#pairs.length > 0) return;
    const { paths, firstReject } = this.#input;
    throw new InputError(`${wordsOf(paths)}: no prompt gave a pair; the first: ${firstReject}`);
  }

  /** Puts the prompts' pairs into the spool, or the prompts among the rejects, in input order. */
  async #settle(choices: readonly Choice[]): Promise<void> {
    const long = await this.#maker.tooLong(choices);
    for (const choice of choices) {
      const { id, source, prompt, extra } = choice;
      const kept = choice.pairs.filter((pair) => !long.has(pair));
      const rejected = choice.rejected ??
        (kept.length === 0
          ? { reason: "too_long" as const, detail: `more than ${this.#options.maxLength} tokens` }
          : this.#input.filter(id, prompt));
      if (rejected !== null) {
        this.#input.reject(choice, rejected);
        continue;
      }
      for (const pair of kept) {
        this.#addMargin(pair);
        const { chosen, rejected } = pair;
        this.#gate.add({ id, source, prompt, chosen: chosen.turn, rejected: rejected.turn });
      }
      this.#json ||= needsJson({ messages: prompt, tools: choice.tools });
      const ranked = this.#options.export.includes("ranked") ? choice.candidates : [];
      const texts = kept.map((pair, at) => pairTexts(choice, pair, at === 0 ? ranked : []));
      this.#pairs.add(prompt, texts, this.#options.compat ? undefined : extra);
    }
  }

  /** A malformed reply has no score, and so no margin. */
  #addMargin({ chosen, rejected }: Pair): void {
    const margin = chosen.score - rejected.score;
    if (Number.isFinite(margin)) this.#margins.add(margin);
  }

  async #write(): Promise<BuiltDataset> {
    const options = this.#options, pairs = this.#pairs, maker = this.#maker;
    const { compat, trainSplit, seed, saveToDisk } = options, limits = limitsOf(options.gate);
    const form = this.#form(maker.format!, { json: this.#json }), { messages } = form;
    const own = { ...DPO_COLUMNS, prompt: messages, chosen: messages, rejected: messages };
    const mine = { ...own, ...form.columns };
    const { export: targets } = options;
    const { paths } = this.#input, reward = { paths, score: options.score, names: this.#rewards };
    const sections = await checkedReward(options.rewardCheck, reward);
    const { config, files, rows } = await pairs.write(this.#folder, {
      seed,
      train: Math.trunc(trainSplit * pairs.prompts),
      grouped: compat === undefined,
      saveToDisk,
      columns: compat ? RLMT_DPO_COLUMNS : { ...mine, ...pairs.extra.columns(mine) },
      row: (texts, { split }) => {
        if (limits.duplicates !== undefined) this.#gate.place(promptOfPair(texts), split);
        return compat ? rlmtRow(texts) : pairRow(texts, pairs.extra, form);
      },
      exports: targets.length === 0 ? undefined : {
        open: (splits) => new DatasetExport(this.#folder.root, "dpo", { targets, form }, splits),
        add: (to, split, texts) => to.addPair(split, exportedPair(texts)),
      },
    });
    const findings = this.#gate.findings(), { root } = this.#folder;
    files.push(...heldToLimits(findings, limits, { root, out: options.out }));
    const notes = findings.filter(({ standsOut }) => standsOut).map(findingLine);
    return {
      leaves: [{
        folder: "",
        configs: this.#all === undefined ? [config] : [config, await this.#all.close()],
        card: { ...dpoCard(options, maker.format!), notes, sections },
        files,
        plot: {
          caption: "Margins of the pairs",
          svg: this.#margins.svg("Margins: score of chosen less score of rejected", "margin"),
        },
      }],
      kept: pairs.prompts,
      models: this.#models,
      extra: {
        format: maker.format,
        pairs: { all: pairs.length, ...rows },
        malformed_replies: maker.malformed,
        tokenized: maker.counted,
        repairs: this.#input.repairs,
        gate: Object.fromEntries(findings.map(({ gate, value }) => [gate, value])),
        ...(notes.length > 0 ? { stands_out: notes } : {}),
        ...(sections ? { sections } : {}),
      },
    };
  }
}
