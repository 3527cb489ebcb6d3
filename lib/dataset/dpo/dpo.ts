/** Stage 3c: preference pairs from a policy's scored replies. */
import { join } from "node:path";
import type { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import type { Format, ScoredRecord } from "../../core/records.ts";
import { wordsOf } from "../../io/input_files.ts";
import { type BadRow, isBadRow } from "../../io/bad_rows.ts";
import { ExtraColumns } from "../../io/extra_columns.ts";
import { readingOf } from "../../io/input_options.ts";
import { readScoredRows } from "../../io/read_records.ts";
import { BuildInput } from "../build/build_input.ts";
import { buildPlan } from "../build/build_plan.ts";
import { AllResponses } from "./all_responses.ts";
import { CardPlot } from "../build/card_plot.ts";
import { buildDataset, type BuildFolder, type DatasetResult } from "../build/dataset_folder.ts";
import type { BuiltDataset } from "../build/dataset_leaf.ts";
import { writeSplits } from "../build/write_splits.ts";
import type { Candidate } from "./dpo_pairs.ts";
import { dpoCard } from "./dpo_card.ts";
import {
  BuildDpoOptions,
  checkDpoOptions,
  type DpoReject,
  type DpoSettings,
} from "./dpo_options.ts";
import { LengthLimit } from "../tokens/length_limit.ts";
import { type Choice, hasToCount, PairMaker } from "./pair_maker.ts";
import { DPO_COLUMNS, PairSpool, RLMT_DPO_COLUMNS } from "./pair_spool.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import { ScoreScale } from "./score_scale.ts";
import { type RowForm, rowForm } from "../tokens/row_form.ts";
import { openTokenizer, type TargetTokenizer } from "../tokens/tokenizer.ts";

/**
 * Builds a DPO dataset with a train and a validation split. Rows are never all in memory: chosen
 * pairs wait on disk until their number, and so the permutation, is known.
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * prompt gave a pair.
 */
export async function buildDpo(
  options: z.input<typeof BuildDpoOptions>,
  context: Partial<StageContext> = {},
): Promise<DatasetResult> {
  const given = parseOptions(BuildDpoOptions, options);
  checkDpoOptions(given);
  const tokenizer = await openTokenizer({ name: "tokenizer", dir: given.tokenizer }, context);
  const { maxLength: max, compat } = given;
  const form = formOf(tokenizer, given);
  const limit = await LengthLimit.open(tokenizer, { max, compat, form });
  const plan = buildPlan("build-dpo", "dpo", given, {
    paths: given.in,
    affects: { tokenizer: tokenizer.fingerprint },
    seed: given.seed,
    tokenizers: [tokenizer.identity],
  });
  return await buildDataset<DpoReject>(plan, context, async (folder) => {
    const input = await BuildInput.open<DpoReject>(given, folder);
    return await new DpoBuilder(given, limit, input, folder, form).build();
  });
}

/** The form of rows by the reply format, which the first record may tell. */
type FormOf = (format: Format) => RowForm;

function formOf(tokenizer: TargetTokenizer, options: DpoSettings): FormOf {
  const forms = new Map<Format, RowForm>();
  return (format) => {
    const form = forms.get(format) ?? rowForm(tokenizer, format, options);
    forms.set(format, form);
    return form;
  };
}

/** Prompts whose lengths are counted together, on all cores. */
const SETTLED_AT_ONCE = 64;

class DpoBuilder {
  readonly #options: DpoSettings;
  readonly #folder: BuildFolder<DpoReject>;
  readonly #maker: PairMaker;
  readonly #input: BuildInput<DpoReject>;
  readonly #extra = new ExtraColumns();
  readonly #pairs: PairSpool;
  readonly #groups = new PromptGroups();
  readonly #margins = new CardPlot();
  readonly #repairs = new Map<string, number>();
  readonly #models = new Set<string>();
  readonly #all: AllResponses | undefined;
  readonly #scale: ScoreScale;
  readonly #form: FormOf;
  constructor(
    options: DpoSettings,
    limit: LengthLimit,
    input: BuildInput<DpoReject>,
    folder: BuildFolder<DpoReject>,
    form: FormOf,
  ) {
    this.#options = options;
    this.#form = form;
    this.#folder = folder;
    this.#input = input;
    this.#scale = new ScoreScale(options.score);
    this.#maker = new PairMaker(options, limit, this.#scale);
    this.#pairs = new PairSpool(join(folder.root, ".pairs"));
    if (options.withAllResponses) this.#all = new AllResponses(folder.root);
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
    const { format, in: paths } = this.#options;
    const { context: { signal }, onChunk } = this.#folder;
    const reading = { ...readingOf(this.#options), format, signal };
    if (this.#scale.needsAll) await this.#measure(readScoredRows(paths, reading));
    const rows = readScoredRows(paths, { ...reading, repairs: this.#repairs, onChunk });
    const records = this.#input.replies(paths, rows);
    const waiting: Choice[] = [];
    for await (const { where, ...record } of records) {
      this.#models.add(record.model).add(record.reward_model);
      await this.#all?.write(record);
      waiting.push(this.#maker.choose(record, where, this.#input.pairOf(record.id)));
      // They wait for one another only behind one whose tokens are to be counted.
      if (waiting.length === SETTLED_AT_ONCE || !hasToCount(waiting[0]!)) {
        await this.#settle(waiting.splice(0));
      }
    }
    await this.#settle(waiting);
    if (this.#pairs.length === 0) {
      throw new InputError(
        `${wordsOf(paths)}: no prompt gave a pair; the first: ${this.#input.firstReject}`,
      );
    }
  }

  /** A reading of its own, for the spread of each reward model's scores over the run. */
  async #measure(rows: AsyncIterable<ScoredRecord | BadRow>): Promise<void> {
    for await (const row of rows) {
      if (isBadRow(row)) continue;
      for (const reply of row.responses) this.#scale.add(reply);
    }
  }

  /** Puts the prompts' pairs into the spool, or the prompts among the rejects, in input order. */
  async #settle(choices: readonly Choice[]): Promise<void> {
    const long = await this.#maker.tooLong(choices);
    for (const { id, source, prompt, extra, where, ...choice } of choices) {
      const kept = choice.pairs.filter((pair) => !long.has(pair));
      const { maxLength } = this.#options;
      const rejected = choice.rejected ??
        (kept.length === 0
          ? { reason: "too_long" as const, detail: `more than ${maxLength} tokens` }
          : this.#input.filter(id, prompt));
      if (rejected !== null) {
        this.#input.reject({ id, where }, rejected);
        continue;
      }
      if (!this.#options.compat) this.#extra.add(extra);
      for (const { chosen, rejected } of kept) {
        const isScored = Number.isFinite(rejected.score) && Number.isFinite(chosen.score);
        if (isScored) this.#margins.add(chosen.score - rejected.score);
        this.#pairs.append({
          id,
          source,
          prompt,
          chosen: chosen.turn,
          rejected: rejected.turn,
          scoreChosen: scoreOf(chosen),
          scoreRejected: scoreOf(rejected),
          extra,
        });
      }
      this.#groups.add(prompt, kept.length);
    }
  }

  async #write(): Promise<BuiltDataset> {
    const { compat, saveToDisk, seed } = this.#options;
    const { root, context } = this.#folder;
    const form = this.#form(this.#maker.format!);
    const { messages } = form;
    const own = { ...DPO_COLUMNS, prompt: messages, chosen: messages, rejected: messages };
    const mine = { ...own, ...form.columns };
    const columns = compat ? RLMT_DPO_COLUMNS : { ...mine, ...this.#extra.columns(mine) };
    const train = Math.trunc(this.#options.trainSplit * this.#groups.prompts);
    const sides = this.#groups.split({ seed, train }, { grouped: compat === undefined });
    const { config: main, files } = await writeSplits({
      root,
      columns,
      splits: [{ name: "train", order: sides.train }, {
        name: "validation",
        order: sides.validation,
      }],
      saveToDisk,
      signal: context.signal,
      row: (place) =>
        compat ? this.#pairs.rlmtRow(place) : this.#pairs.row(place, this.#extra, form),
      exports: {
        kind: "dpo",
        targets: this.#options.export,
        row: (place) => this.#pairs.exportRow(place),
      },
    });
    const pairs = this.#pairs.length;
    const configs = this.#all === undefined ? [main] : [main, await this.#all.close()];
    return {
      leaves: [{
        folder: "",
        configs,
        card: dpoCard(this.#options, this.#maker.format!),
        files,
        plot: {
          caption: "Margins of the pairs",
          svg: this.#margins.svg("Margins: score of chosen less score of rejected", "margin"),
        },
      }],
      counts: this.#input.counts(this.#groups.prompts),
      rows: this.#input.rows,
      models: [...this.#models].sort(),
      extra: {
        format: this.#maker.format,
        pairs: { all: pairs, train: sides.train.length, validation: sides.validation.length },
        malformed_replies: this.#maker.malformed,
        tokenized: this.#maker.counted,
        repairs: Object.fromEntries([...this.#repairs].sort()),
      },
    };
  }
}

/** Null for a malformed reply, which stands below all scores. */
function scoreOf({ score }: Candidate): number | null {
  return score === -Infinity ? null : score;
}
