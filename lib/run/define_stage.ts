/** A stage as one value: what it is called, what it takes, what it leaves, and how it is run. */
import { z } from "zod";
import { checkContext, defaultContext, isOfContext, type StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { type OptionsSchema, parseOptions } from "../core/options.ts";
import type { RejectReason } from "../core/reject_reasons.ts";
import type { Tally } from "./stage_run.ts";

/** Runs that leave records, by what a record is of. */
export type RecordsKind = "teacher" | "policy" | "scored";
/** Datasets, by what their rows are for. */
export type DatasetKind = "sft" | "dpo" | "rl";

/** What a stage leaves at its OUT; `verify` and `report` go by it. */
export type Leaves =
  /** Records and rejects as JSON Lines, with a manifest. */
  | RecordsLeft
  /** Rows as Parquet, with a card and a manifest. */
  | { kind: DatasetKind }
  /** A model's folder with a manifest. */
  | { kind: "model" }
  /** Files of its own with a manifest, of which `report` shows nothing. */
  | { kind: "files" }
  /** No folder with a manifest: a page, or lines that are printed. */
  | { kind: "nothing" };

/**
 * What a run of records leaves, and how its manifest's numbers are counted again.
 *
 * @internal
 */
export interface RecordsLeft {
  kind: RecordsKind;
  /** One line of records. */
  record: z.ZodType<{ id: string }>;
  /** Adds a record that passed the schema to the sums that the manifest tells. */
  tally: (record: unknown, tally: Tally) => void;
}

/** What is known of a stage without loading what it does. */
export interface StageFacts<S extends OptionsSchema = OptionsSchema> {
  /** The task's name, and how manifests call it: `sample-policy`. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** Whole command lines after `deno task `. */
  readonly examples: readonly string[];
  /** Its options; each is a flag of its task. A stage that works in shards has `shard`. */
  readonly options: S;
  /** What it leaves at its OUT. */
  readonly leaves: Leaves;
  /** Why it gives up prompts: its closed list. */
  readonly rejects: readonly RejectReason[];
}

/** What a call of a stage takes beside the stage's own options. */
export interface CallOptions<M = never> {
  /** The outside world, where it is not the real one. */
  context?: Partial<StageContext>;
  /** A model that is open already, in the place of the one that the options name. */
  model?: M;
}

/**
 * A stage: called with its options `I` it runs and comes to a result `R`; beside that it tells what
 * is known of it. `M` is the model that a call may bring with it.
 */
export interface Stage<I, M, R> extends StageFacts {
  /**
   * Runs the stage. What it does is loaded by the first call.
   *
   * @throws {InputError} for an option that is unknown, missing or out of its range, and for what a
   * call does not take beside options.
   */
  (options: I, call?: CallOptions<M>): Promise<R>;
}

/** A call with all defaults filled in, as a stage's own code gets it. */
export interface StageCall<S extends OptionsSchema, M = never> {
  /** The stage itself. */
  stage: StageFacts;
  options: z.output<S>;
  context: StageContext;
  model: M | undefined;
}

const CALL_OPTIONS = z.object({ context: z.unknown(), model: z.unknown() }).partial();

function checkCall(call: CallOptions<unknown>): void {
  const outside = Object.keys(call ?? {}).find(isOfContext);
  if (outside !== undefined) {
    throw new InputError(`${outside} is a field of context: give { context: { ${outside} } }`);
  }
  parseOptions(CALL_OPTIONS, call);
  checkContext(call.context ?? {});
}

/**
 * Makes a stage. `run` should import what it needs when it is called, so that a command's help and
 * the list of all stages load none of it.
 */
export function defineStage<S extends OptionsSchema, M, R>(
  { run, ...facts }: StageFacts<S> & { run: (call: StageCall<S, M>) => Promise<R> },
): Stage<z.input<S>, M, R> {
  const stage = async (given: z.input<S>, call: CallOptions<M> = {}): Promise<R> => {
    checkCall(call);
    return await run({
      stage: facts,
      options: parseOptions(facts.options, given),
      context: defaultContext(call.context),
      model: call.model,
    });
  };
  const known = Object.entries(facts).map(([name, value]) => [name, { value, enumerable: true }]);
  return Object.defineProperties(stage, Object.fromEntries(known)) as unknown as Stage<
    z.input<S>,
    M,
    R
  >;
}

/** What a stage leaves that writes records of a schema. */
export function leavesRecords<R extends { id: string }>(
  kind: RecordsKind,
  record: z.ZodType<R, unknown>,
  tally: (record: R, tally: Tally) => void,
): RecordsLeft {
  // Only records that passed the schema come to the tally.
  return { kind, record, tally: (each, sums) => tally(each as R, sums) };
}

/** Whether a value is a stage: a function that tells its name and what it leaves. */
export function isStage(value: unknown): value is StageFacts {
  return typeof value === "function" && "leaves" in value && "options" in value;
}

/** What stages leave, in the order in which it is made. */
const ORDER: Record<Leaves["kind"], number> = {
  model: 1,
  teacher: 2,
  sft: 3,
  policy: 4,
  scored: 5,
  dpo: 6,
  rl: 7,
  files: 8,
  nothing: 9,
};

/** Stages in the order in which they are run, by what they leave; those that leave the same by name. */
export function inOrder(stages: readonly StageFacts[]): StageFacts[] {
  const place = ({ leaves }: StageFacts) => ORDER[leaves.kind];
  return stages.toSorted((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** Whether a stage's OUT can be done in parts, by several processes. */
export function worksInShards({ options }: StageFacts): boolean {
  return "shard" in options.shape;
}
