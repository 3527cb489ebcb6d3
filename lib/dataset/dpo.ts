/** Stage 3c: preference pairs from a policy's scored replies. */
import { basename, join } from "node:path";
import { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { Format, type ScoredRecord } from "../core/records.ts";
import { readScoredRecords } from "../io/read_records.ts";
import { hasThought } from "../reply/format.ts";
import { AllResponses } from "./all_responses.ts";
import { buildOptions } from "./build_options.ts";
import { CardPlot } from "./card_plot.ts";
import { candidatesOf } from "./candidates.ts";
import { ConfigWriter, DEFAULT_CONFIG, describeArrow } from "./dataset_config.ts";
import {
  buildDataset,
  type BuildFolder,
  type BuiltDataset,
  type DatasetLeaf,
  type DatasetResult,
} from "./dataset_folder.ts";
import { choosePairs, type Pair, rlmtPair, STRATEGIES } from "./dpo_pairs.ts";
import { DatasetExport } from "./export.ts";
import { InputRows } from "./input_rows.ts";
import { LengthLimit } from "./length_limit.ts";
import { DPO_COLUMNS, PairSpool, RLMT_DPO_COLUMNS } from "./pair_spool.ts";
import { PROMPT_FILTER_REASONS, PromptFilter } from "./prompt_filter.ts";
import { PromptGroups } from "./prompt_groups.ts";
import { ScoreScale } from "./score_scale.ts";
import { SeenIds } from "./seen_ids.ts";
import { openTokenizer, type TargetTokenizer } from "./tokenizer.ts";

/** Options of {@link buildDpo}; each is a flag of `build-dpo`. */
export const BuildDpoOptions = z.object({
  in: z.string().min(1).describe("scored records: a run of score-responses, a file or a folder"),
  ...buildOptions,
  format: Format.optional().describe(
    "reply format of chosen and rejected; needed for the public scripts' files, else as sampled",
  ),
  tokenizer: z.string().min(1).meta({ metavar: "DIR" }).describe(
    "tokenizer whose chat template and tokens --max-length goes by",
  ),
  minResponses: z.number().int().min(2).default(4).describe(
    "prompts with fewer scored replies are rejected",
  ),
  maxLength: z.number().int().positive().default(8192).describe(
    "tokens of prompt and reply at most, on either side",
  ),
  trainSplit: z.number().min(0).max(1).default(0.97).describe("share of the prompts in train"),
  seed: z.number().int().min(0).max(0xffffffff).default(42).describe(
    "seed of the split (NumPy's) and of random strategies",
  ),
  strategy: z.enum(STRATEGIES).default("best-worst").describe("how pairs are chosen"),
  pairs: z.number().int().positive().default(2).describe("pairs a prompt for top-k-pairs"),
  threshold: z.number().optional().describe("the score for the strategy threshold"),
  minMargin: z.number().nonnegative().optional().describe("least difference of the two scores"),
  maxLengthRatio: z.number().min(1).optional().describe(
    "the longer reply at most X times as long as the other",
  ),
  lengthMatched: z.boolean().default(false).describe(
    "reject the reply nearest in length to the chosen, of those that the strategy allows",
  ),
  score: z.string().default("score").describe(
    "the score to go by: score (the first reward model's), one reward model's NAME, or mean or min " +
      "of all, each standardized over the run",
  ),
  withAllResponses: z.boolean().default(false).describe(
    "also a configuration all_responses, with every reply and score",
  ),
});
export type BuildDpoOptions = z.infer<typeof BuildDpoOptions>;

/** Why a prompt gave no pair: the reasons in a DPO dataset's rejects. */
export const DPO_REJECT_REASONS = [
  /** Fewer scored, well-formed replies than `minResponses`. */
  "too_few_responses",
  /** All replies have the same score. */
  "tie",
  /** The two sides would be the same text. */
  "same_text",
  /** The scores differ by less than `minMargin`. */
  "margin_too_small",
  /** One side is too many times as long as the other. */
  "length_ratio",
  /** No reply on one side of the threshold. */
  "not_across_threshold",
  /** A side with its prompt has more than `maxLength` tokens. */
  "too_long",
  /** Half a surrogate pair: the text has no UTF-8 form. */
  "invalid_unicode",
  /** `compat`: the public builder takes prompts of one user turn only. */
  "not_single_turn",
  ...PROMPT_FILTER_REASONS,
] as const;

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
  const given = BuildDpoOptions.parse(options);
  checkOptions(given);
  const tokenizer = await openTokenizer({ name: "tokenizer", dir: given.tokenizer });
  const { in: path, out, overwrite, allowPartial, ...rest } = given;
  return await buildDataset(
    {
      stage: "build-dpo",
      out,
      overwrite,
      inputs: [path, ...given.decontaminate],
      allowPartial,
      options: given,
      affects: {
        ...rest,
        decontaminate: given.decontaminate.length,
        tokenizer: tokenizer.fingerprint,
      },
      seed: given.seed,
    },
    context,
    async (folder) => await new DpoBuilder(given, tokenizer, folder).build(),
  );
}

function checkOptions(options: BuildDpoOptions): void {
  const { compat, strategy, threshold } = options;
  if ((strategy === "threshold") !== (threshold !== undefined)) {
    throw new InputError("--threshold X goes with --strategy threshold, and that needs it");
  }
  const own = options.minMargin !== undefined || options.maxLengthRatio !== undefined ||
    options.lengthMatched || options.withAllResponses || strategy !== "best-worst" ||
    options.export.length > 0;
  if (compat && own) {
    throw new InputError(
      "--compat rlmt: the public builder pairs best and worst: no --strategy, --min-margin, " +
        "--max-length-ratio, --length-matched, --with-all-responses or --export beside it",
    );
  }
}

const SPLITS = ["train", "validation"];

class DpoBuilder {
  readonly #options: BuildDpoOptions;
  readonly #folder: BuildFolder;
  readonly #limit: LengthLimit;
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
  #format: Format | undefined;
  #malformed = 0;

  constructor(options: BuildDpoOptions, tokenizer: TargetTokenizer, folder: BuildFolder) {
    this.#options = options;
    this.#folder = folder;
    this.#limit = new LengthLimit(tokenizer, options.maxLength, options.compat);
    this.#rows = new InputRows(folder.files);
    this.#evaluation = new InputRows(folder.files);
    this.#scale = new ScoreScale(options.score);
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
    const { allowPartial, format, in: path } = this.#options;
    const { context, onChunk } = this.#folder;
    this.#filter = await PromptFilter.open(this.#options, {
      signal: context.signal,
      onRow: (where) => this.#evaluation.add(where),
    });
    const reading = { allowPartial, format, repairs: this.#repairs, signal: context.signal };
    if (this.#scale.needsAll) await this.#measure(path, { ...reading, repairs: undefined });
    let first: string | undefined;
    for await (const { where, ...record } of readScoredRecords(path, { ...reading, onChunk })) {
      this.#rows.add(where);
      if (!this.#isNew(record, where)) continue;
      this.#models.add(record.model).add(record.reward_model);
      await this.#all?.write(record);
      const rejected = await this.#pair(record, where);
      if (rejected === null) continue;
      this.#folder.rejects.add(
        record.id,
        rejected.reason,
        `${basename(where)}: ${rejected.detail}`,
      );
      first ??= `${where}: ${rejected.reason}: ${rejected.detail}`;
    }
    if (this.#pairs.length === 0) {
      throw new InputError(`${path}: no prompt gave a pair; the first: ${first ?? "no rows"}`);
    }
  }

  /** A reading of its own, for the spread of each reward model's scores over the run. */
  async #measure(path: string, reading: Parameters<typeof readScoredRecords>[1]): Promise<void> {
    for await (const { responses } of readScoredRecords(path, reading)) {
      for (const reply of responses) this.#scale.add(reply);
    }
  }

  /** Whether the id is new; the replies' scores and lengths stand for their texts. */
  #isNew({ id, prompt, responses }: ScoredRecord, where: string): boolean {
    const content = () => {
      const turns = prompt.map(({ role, content }) => `${role}:${content.length}:${content}`);
      const replies = responses.map(({ text, thought, answer, score }) =>
        `${score},${text.length},${thought?.length},${answer?.length}`
      );
      return `${turns.join("")};${replies.join(";")}`;
    };
    return this.#seen.add(id, content, where);
  }

  /** Puts the record's pairs into the spool, or says why there is none. */
  async #pair(
    record: ScoredRecord,
    where: string,
  ): Promise<{ reason: string; detail: string } | null> {
    const { minResponses, compat, maxLength } = this.#options;
    const format = this.#formatOf(record, where);
    const { id, source, prompt, responses } = record;
    const texts = [id, source, ...prompt.map(({ content }) => content)];
    for (const { thought, answer } of responses) texts.push(thought ?? "", answer ?? "");
    if (!texts.every((text) => text.isWellFormed())) {
      return { reason: "invalid_unicode", detail: "half a surrogate pair" };
    }
    if (compat && (prompt.length !== 1 || prompt[0]!.role !== "user")) {
      return { reason: "not_single_turn", detail: `${prompt.length} messages` };
    }
    const candidates = candidatesOf(record, format, { scale: this.#scale, compat });
    this.#malformed += responses.filter((reply) => reply.malformed !== null).length;
    if (candidates.length < minResponses) {
      const detail = `${candidates.length} of ${responses.length} replies are scored`;
      return { reason: "too_few_responses", detail };
    }
    const { pairs, reason } = compat
      ? { pairs: [rlmtPair(candidates)], reason: null }
      : choosePairs(id, candidates, this.#options);
    if (reason !== null) return { reason, detail: `by ${this.#options.strategy}` };
    const kept: Pair[] = [];
    for (const pair of pairs) {
      // Together, since what must be counted is counted on another core each.
      const long = await Promise.all([
        this.#limit.exceeds(prompt, pair.chosen.turn),
        this.#limit.exceeds(prompt, pair.rejected.turn),
      ]);
      if (!long.includes(true)) kept.push(pair);
    }
    if (kept.length === 0) return { reason: "too_long", detail: `more than ${maxLength} tokens` };
    const left = this.#filter!.check(id, prompt);
    if (left !== null) return left;
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
    return null;
  }

  /** The format to write, checked against the record's own. */
  #formatOf(record: ScoredRecord, where: string): Format {
    const format = this.#options.format ?? this.#format ?? record.format;
    const fits = this.#options.format === undefined
      ? record.format === format
      : hasThought(record.format) === hasThought(format);
    if (!fits) {
      throw new InputError(
        `${where}: format: the replies are ${record.format}, which cannot be written as ${format}`,
      );
    }
    return this.#format = format;
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
        card: cardFacts(this.#options, this.#format!),
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
        format: this.#format,
        pairs: { all: pairs, train: sides.train.length, validation: sides.validation.length },
        malformed_replies: this.#malformed,
        tokenized: this.#limit.counted,
        repairs: Object.fromEntries([...this.#repairs].sort()),
      },
    };
  }
}

function cardFacts(options: BuildDpoOptions, format: Format): DatasetLeaf["card"] {
  const settings: [string, string][] = [
    ["reply format", format],
    ["strategy", options.strategy],
    ["scored replies a prompt, at least", String(options.minResponses)],
    ["tokens a side, at most", String(options.maxLength)],
    ["share of prompts in train", String(options.trainSplit)],
    ["score", options.score],
  ];
  if (options.strategy === "top-k-pairs") settings.push(["pairs a prompt", String(options.pairs)]);
  if (options.threshold !== undefined) settings.push(["threshold", String(options.threshold)]);
  if (options.minMargin !== undefined) settings.push(["margin, at least", `${options.minMargin}`]);
  if (options.maxLengthRatio !== undefined) {
    settings.push(["length ratio, at most", String(options.maxLengthRatio)]);
  }
  if (options.lengthMatched) settings.push(["length matched", "yes"]);
  if (options.compat) settings.push(["columns as", options.compat]);
  return {
    title: "Preference pairs",
    about: options.compat
      ? "Prompts with a policy's best and worst reply by a reward model: `prompt` is text, " +
        "`chosen` and `rejected` are whole chats."
      : "Prompts with two of a policy's replies, the chosen one scored higher by a reward model " +
        "that saw the answers alone. `chosen` and `rejected` hold the assistant turn.",
    license: options.license,
    tags: ["dpo", hasThought(format) ? "think" : "nothink"],
    settings,
  };
}
