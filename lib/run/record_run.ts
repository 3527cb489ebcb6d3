/** The part of a run that its options and its input alone tell, whatever does the work. */
import type { StageContext } from "../core/context.ts";
import type { Json } from "../core/canonical.ts";
import type { Prompt } from "../core/records.ts";
import { hashInputs } from "../io/inputs/hash_inputs.ts";
import type { InputFilesOptions, InputPaths } from "../io/inputs/input_files.ts";
import { readingOf } from "../io/inputs/input_options.ts";
import { promptFault } from "../io/prompts/messages.ts";
import { promptContent, readPromptRows } from "../io/prompts/read_prompts.ts";
import { shardFrom } from "./shard.ts";
import type { ItemOutcome, StageRun } from "./stage_run.ts";

/** What a run goes over, and how far. */
export type RunInput<I extends { id: string }> = Pick<
  StageRun<I, { id: string }>,
  | "out"
  | "options"
  | "limit"
  | "retryRejects"
  | "maxBadRows"
  | "shard"
  | "inputs"
  | "read"
  | "content"
>;

/** A prompt of the input. */
export type PromptItem = Prompt & { where: string };

/** What `runOptions` and `inputOptions` say. */
type RecordRunOptions = InputFilesOptions & Record<string, Json | undefined> & {
  out: string;
  limit?: number;
  shard?: string;
  retryRejects: string[];
  maxBadRows?: number;
};

/** Of a stage over rows of any kind. Throws `InputError` for an input that cannot be read. */
export async function recordRun<I extends { id: string }>(
  options: RecordRunOptions,
  { env, log, signal }: StageContext,
  { paths, reading, ...rows }:
    & { paths: InputPaths; reading: InputFilesOptions }
    & Pick<RunInput<I>, "read" | "content">,
): Promise<RunInput<I>> {
  const { out, limit, shard, retryRejects, maxBadRows } = options;
  return {
    ...{ out, options, limit, retryRejects, maxBadRows },
    shard: shardFrom(shard, env, log),
    inputs: await hashInputs(paths, { ...reading, signal }),
    ...rows,
  };
}

/** What a stage that asks a model for prompts is told of them. */
type PromptOptions = InputFilesOptions & { prompts: string | string[]; promptKey?: string };

/** The prompts of these options, and what of one affects its record. */
export function promptRows(
  options: PromptOptions,
): Pick<RunInput<PromptItem>, "read" | "content"> {
  const { prompts, promptKey } = options;
  const read = () => readPromptRows(prompts, { promptKey, ...readingOf(options) });
  return { read, content: promptContent };
}

/** Of a stage that asks a model for prompts. Throws `InputError`. */
export async function promptRun(
  options: RecordRunOptions & PromptOptions,
  context: StageContext,
): Promise<RunInput<PromptItem>> {
  const reading = { paths: options.prompts, reading: readingOf(options) };
  return await recordRun(options, context, { ...reading, ...promptRows(options) });
}

/** Work on prompts: one that no model can be asked is a reject. */
export function promptWork<R extends { id: string }>(
  work: (item: Prompt, signal: AbortSignal) => Promise<ItemOutcome<R>>,
): StageRun<Prompt, R>["work"] {
  return async (item, { signal }) => {
    const reason = promptFault(item);
    if (reason === null) return await work(item, signal);
    return { reject: { reason, detail: "no model can be asked this prompt" } };
  };
}
