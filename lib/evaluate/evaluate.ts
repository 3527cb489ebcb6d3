/** How scored runs stand against labels and against a base, with intervals over prompts. */
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { Format } from "../core/records.ts";
import { readScoredRecords } from "../io/records/read_records.ts";
import { shortNames } from "../io/inputs/short_names.ts";
import { loadRule } from "../model/rule/load_rule.ts";
import {
  bootstrap,
  type BootstrapOptions,
  type Estimate,
  pairedBootstrap,
} from "../view/bootstrap.ts";
import type { EvaluateOptions } from "./evaluate_options.ts";
import { labelOf, type Labels, type QuickRule, readLabels } from "./labels.ts";
import { FIGURE_NAMES, type FigureName, partsOf, type PromptParts } from "./run_figures.ts";

/** A figure of a run; `change` is against the base over the prompts of both. */
export interface EvaluatedFigure extends Estimate {
  /** The paired difference. */
  change?: Estimate;
}

/** Figures by name; one that nothing is known of is left out. */
export type EvaluatedFigures = Partial<Record<FigureName, EvaluatedFigure>>;

/** One run's line. */
export interface EvaluatedRun {
  /** Short, and different from the other runs' names. */
  name: string;
  /** As it was given. */
  path: string;
  /** Prompts of the run, labelled or not. */
  prompts: number;
  /** Replies to them, malformed ones among them. */
  replies: number;
  /** Prompts with a label. */
  labelled: number;
  /** Prompts that the base has not: they count in no change. */
  unpaired?: number;
  /** Over all prompts. */
  figures: EvaluatedFigures;
  /** By the prompts' source. */
  sources: { source: string; prompts: number; figures: EvaluatedFigures }[];
}

/** What an evaluation comes to. */
export interface Evaluation {
  /** The file of labels; null where the records' kept columns hold them. */
  labels: string | null;
  /** How answers were held against labels. */
  rule: QuickRule;
  /** Draws of the intervals. */
  draws: number;
  /** Seed of those draws. */
  seed: number;
  /** The run that the others were set against. */
  base: EvaluatedRun | null;
  /** The runs, in the order in which they were given. */
  runs: EvaluatedRun[];
}

type Prompts = Map<string, PromptParts>;

/** @throws {InputError} for what is no scored run, and where labels or prompts do not meet. */
export async function evaluate(
  options: z.output<typeof EvaluateOptions>,
  { signal }: Pick<StageContext, "signal">,
): Promise<Evaluation> {
  const { labels: file, labelKey, rule, draws, seed, against, format } = options;
  const labels = file === undefined ? undefined : await readLabels(file, labelKey);
  const read = async (path: string) => {
    const prompts = await promptsOf(path, { labels, labelKey, rule, format, signal });
    if (file !== undefined && !prompts.values().some(({ labelled }) => labelled)) {
      throw new InputError(`${file}: has a label for none of the prompts of ${path}`);
    }
    return prompts;
  };
  const paths = against === undefined ? options.in : [against, ...options.in];
  const names = shortNames(paths);
  const drawing = { draws, seed };
  const first = against === undefined ? undefined : await read(against);
  const base = first && runOf(names[0]!, against!, first, undefined, drawing);
  const runs: EvaluatedRun[] = [];
  for (const [index, path] of options.in.entries()) {
    const name = names[index + (first ? 1 : 0)]!;
    runs.push(runOf(name, path, await read(path), first, drawing));
  }
  return { labels: file ?? null, rule, draws, seed, base: base ?? null, runs };
}

async function promptsOf(
  path: string,
  { labels, labelKey, rule, format, signal }: {
    labels: Labels | undefined;
    labelKey: string;
    rule: QuickRule;
    format: Format | undefined;
    signal: AbortSignal;
  },
): Promise<Prompts> {
  const judge = await loadRule(rule), prompts: Prompts = new Map();
  const isRight = (answer: string, label: unknown) => judge(answer, label).score === 1;
  for await (const { where, ...record } of readScoredRecords(path, { format, signal })) {
    if (prompts.has(record.id)) {
      throw new InputError(`${where}: ${record.id}: stands there twice: name one run a time`);
    }
    prompts.set(record.id, partsOf(record, labelOf(record, labels, labelKey), isRight));
  }
  if (prompts.size === 0) throw new InputError(`${path}: holds no scored record`);
  return prompts;
}

function runOf(
  name: string,
  path: string,
  run: Prompts,
  base: Prompts | undefined,
  drawing: BootstrapOptions,
): EvaluatedRun {
  const paired = base && [...run.keys()].filter((id) => base.has(id));
  if (paired?.length === 0) {
    throw new InputError(`${path}: has no prompt of the base's (--against)`);
  }
  const all = [...run.values()];
  const bySource = Map.groupBy(run, ([, { source }]) => source);
  const sources = [...bySource].map(([source, prompts]) => ({
    source,
    prompts: prompts.length,
    figures: figuresOf(new Map(prompts), base, drawing),
  }));
  return {
    name,
    path,
    prompts: run.size,
    replies: all.reduce((sum, { replies }) => sum + replies, 0),
    labelled: all.filter(({ labelled }) => labelled).length,
    ...(paired && { unpaired: run.size - paired.length }),
    figures: figuresOf(run, base, drawing),
    sources: sources.sort((a, b) => a.source < b.source ? -1 : 1),
  };
}

function figuresOf(
  run: Prompts,
  base: Prompts | undefined,
  drawing: BootstrapOptions,
): EvaluatedFigures {
  const both = base
    ? [...run].flatMap(([id, now]) => base.has(id) ? [[now, base.get(id)!]] : [])
    : [];
  const figures: EvaluatedFigures = {};
  for (const name of FIGURE_NAMES) {
    const figure = bootstrap([...run.values()].map((prompt) => prompt[name]), drawing);
    if (Number.isNaN(figure.value)) continue;
    const change = both.length === 0 ? undefined : pairedBootstrap(
      both.map(([now]) => now![name]),
      both.map(([, then]) => then![name]),
      drawing,
    );
    figures[name] = { ...figure, ...(change && !Number.isNaN(change.value) && { change }) };
  }
  return figures;
}
