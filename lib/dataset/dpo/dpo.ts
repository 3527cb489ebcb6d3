/** Stage 3c: preference pairs from a policy's scored replies. */
import { join } from "node:path";
import type { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import type { ScoredRecord } from "../../core/records.ts";
import { type InputPaths, wordsOf } from "../../io/input_files.ts";
import { readingOf } from "../../io/input_options.ts";
import { readScoredRecords } from "../../io/read_records.ts";
import { AllResponses } from "./all_responses.ts";
import { CardPlot } from "../build/card_plot.ts";
import { EVALUATION_READING } from "../filter/contamination.ts";
import { ConfigWriter, DEFAULT_CONFIG, describeArrow } from "../build/dataset_config.ts";
import {
  buildDataset,
  type BuildFolder,
  type BuiltDataset,
  type DatasetResult,
} from "../build/dataset_folder.ts";
import { dpoCard } from "./dpo_card.ts";
import { BuildDpoOptions, checkDpoOptions, type DpoReject } from "./dpo_options.ts";
import { DatasetExport } from "../build/export.ts";
import { InputRows } from "../build/input_rows.ts";
import { LengthLimit } from "../tokens/length_limit.ts";
import { type Choice, hasToCount, PairMaker } from "./pair_maker.ts";
import { DPO_COLUMNS, PairSpool, RLMT_DPO_COLUMNS } from "./pair_spool.ts";
import { PromptFilter } from "../filter/prompt_filter.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import { ScoreScale } from "./score_scale.ts";
import { SeenIds } from "../build/seen_ids.ts";
import { openTokenizer } from "../tokens/tokenizer.ts";

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
  const tokenizer = await openTokenizer({ name: "tokenizer", dir: given.tokenizer });
  const { maxLength: max, compat } = given;
  const limit = await LengthLimit.open(tokenizer, { max, compat });
  const { in: path, out, overwrite, allowPartial: _, ...rest } = given;
  return await buildDataset<DpoReject>(
    {
      stage: "build-dpo",
      kind: "dpo",
      out,
      overwrite,
      inputs: [
        { paths: path, reading: readingOf(given) },
        { paths: given.decontaminate, reading: EVALUATION_READING },
      ],
      options: given,
      affects: {
        ...rest,
        decontaminate: given.decontaminate.length,
        tokenizer: tokenizer.fingerprint,
      },
      seed: given.seed,
    },
    context,
    async (folder) => await new DpoBuilder(given, limit, folder).build(),
  );
}

const SPLITS = ["train", "validation"];
/** Prompts whose lengths are counted together, on all cores. */
const SETTLED_AT_ONCE = 64;

class DpoBuilder {
  readonly #options: BuildDpoOptions;
  readonly #folder: BuildFolder<DpoReject>;
  readonly #maker: PairMaker;
  readonly #rows: InputRows;
  readonly #evaluation: InputRows;
  readonly #pairs: PairSpool;
  readonly #groups = new PromptGroups();
  readonly #seen = new SeenIds();
  readonly #margins = new CardPlot();
  readonly #repairs = new Map<string, number>();
  readonly #models = new Set<string>();
  readonly #all: AllResponses | undefined;
  readonly #scale: ScoreScale;
  #filter: PromptFilter | undefined;

  constructor(options: BuildDpoOptions, limit: LengthLimit, folder: BuildFolder<DpoReject>) {
    this.#options = options;
    this.#folder = folder;
    this.#rows = new InputRows(folder.files);
    this.#evaluation = new InputRows(folder.files);
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
      this.#pairs.remove();
    }
  }

  async #read(): Promise<void> {
    const { format, in: path } = this.#options;
    const { context, onChunk } = this.#folder;
    this.#filter = await PromptFilter.open(this.#options, {
      signal: context.signal,
      onRow: (where) => this.#evaluation.add(where),
    });
    const reading = {
      ...readingOf(this.#options),
      format,
      repairs: this.#repairs,
      signal: context.signal,
    };
    if (this.#scale.needsAll) await this.#measure(path, { ...reading, repairs: undefined });
    const waiting: Choice[] = [];
    for await (const { where, ...record } of readScoredRecords(path, { ...reading, onChunk })) {
      this.#rows.add(where);
      if (!this.#isNew(record, where)) continue;
      this.#models.add(record.model).add(record.reward_model);
      await this.#all?.write(record);
      waiting.push(this.#maker.choose(record, where));
      // They wait for one another only behind one whose tokens are to be counted.
      if (waiting.length === SETTLED_AT_ONCE || !hasToCount(waiting[0]!)) {
        await this.#settle(waiting.splice(0));
      }
    }
    await this.#settle(waiting);
    if (this.#pairs.length === 0) {
      const first = this.#folder.rejects.first ?? "no rows";
      throw new InputError(
        `${wordsOf(path)}: no prompt gave a pair; the first: ${first}`,
      );
    }
  }

  /** A reading of its own, for the spread of each reward model's scores over the run. */
  async #measure(
    path: InputPaths,
    reading: Parameters<typeof readScoredRecords>[1],
  ): Promise<void> {
    for await (const { responses } of readScoredRecords(path, reading)) {
      for (const reply of responses) this.#scale.add(reply);
    }
  }

  /** Whether the id is new; the replies' scores and lengths stand for their texts. */
  #isNew({ id, prompt, responses }: ScoredRecord, where: string): boolean {
    const replies = responses.map(({ text, thought, answer, score }) =>
      `${score},${text.length},${thought?.length},${answer?.length}`
    );
    const content = [...prompt.flatMap(({ role, content }) => [role, content]), replies.join(";")];
    return this.#seen.add(id, content, where);
  }

  /** Puts the prompts' pairs into the spool, or the prompts among the rejects, in input order. */
  async #settle(choices: readonly Choice[]): Promise<void> {
    const long = await this.#maker.tooLong(choices);
    for (const { id, source, prompt, where, ...choice } of choices) {
      const kept = choice.pairs.filter((pair) => !long.has(pair));
      const { maxLength } = this.#options;
      const rejected = choice.rejected ??
        (kept.length === 0
          ? { reason: "too_long" as const, detail: `more than ${maxLength} tokens` }
          : this.#filter!.check(id, prompt));
      if (rejected !== null) {
        this.#folder.rejects.add(id, rejected, where);
        continue;
      }
      for (const { chosen, rejected } of kept) {
        this.#margins.add(chosen.score - rejected.score);
        this.#pairs.append({
          id,
          source,
          prompt,
          chosen: chosen.turn,
          rejected: rejected.turn,
          scoreChosen: chosen.score,
          scoreRejected: rejected.score,
        });
      }
      this.#groups.add(prompt, kept.length);
    }
  }

  async #write(): Promise<BuiltDataset> {
    const { compat, saveToDisk, seed } = this.#options;
    const { root, context } = this.#folder;
    const columns = compat ? RLMT_DPO_COLUMNS : DPO_COLUMNS;
    const train = Math.trunc(this.#options.trainSplit * this.#groups.prompts);
    const sides = this.#groups.split({ seed, train }, { grouped: compat === undefined });
    const config = { name: DEFAULT_CONFIG, columns };
    const writer = new ConfigWriter(root, config, SPLITS, saveToDisk);
    const exported = new DatasetExport(root, "dpo", this.#options.export, SPLITS);
    try {
      for (const [index, rows] of [sides.train, sides.validation].entries()) {
        for (const row of rows) {
          context.signal.throwIfAborted();
          await writer.split(index).write(compat ? this.#pairs.rlmtRow(row) : this.#pairs.row(row));
          if (this.#options.export.length > 0) {
            exported.add(SPLITS[index]!, this.#pairs.exportRow(row));
          }
        }
      }
    } catch (error) {
      writer.abandon();
      exported.abandon();
      throw error;
    }
    const main = await writer.close();
    const files = exported.close();
    if (saveToDisk) files.push(...describeArrow(root, main));
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
      counts: {
        input: this.#seen.size,
        kept: this.#groups.prompts,
        duplicates: this.#seen.duplicates,
      },
      rows: new Map([...this.#evaluation.rows, ...this.#rows.rows]),
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
