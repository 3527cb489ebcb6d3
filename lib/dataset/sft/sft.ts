/** Stage 2b: SFT datasets from a teacher's replies, think and nothink from the same ones. */
import { join } from "node:path";
import type { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import type { TeacherRecord } from "../../core/records.ts";
import { needsJson, ToolsFound, withMessageForm } from "../../io/message_values.ts";
import { ExtraColumns } from "../../io/extra_columns.ts";
import { wordsOf } from "../../io/input_files.ts";
import type { BuildFolder } from "../build/build_folder.ts";
import type { BuildInput } from "../build/build_input.ts";
import { checkedReward } from "../build/checked_reward.ts";
import { buildPlan } from "../build/build_plan.ts";
import { describeArrow } from "../build/dataset_config.ts";
import { buildDataset, type DatasetResult } from "../build/dataset_folder.ts";
import type { BuiltDataset } from "../build/dataset_leaf.ts";
import type { Rejection } from "../build/rejects_file.ts";
import { withHistoryThoughts } from "../tokens/history_thoughts.ts";
import { keptColumns, rowReplies } from "./sft_replies.ts";
import { sftCard } from "./sft_card.ts";
import {
  BuildSftOptions,
  checkSftOptions,
  type SftReject,
  type SftSettings,
} from "./sft_options.ts";
import { type SftRow, SftTarget } from "./sft_target.ts";
import { recordFault } from "./record_fault.ts";
import { sftTargets } from "./sft_targets.ts";
import { TwinProof } from "./twin_proof.ts";

/**
 * Builds SFT datasets: one for each tokenizer (and each variant with `twins`), all of the same
 * rows. A reply is kept where every one of them can hold it. With `best` the replies are the best
 * answers of scored records.
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * reply could be kept.
 */
export async function buildSft(
  options: z.input<typeof BuildSftOptions>,
  context: Partial<StageContext> = {},
): Promise<DatasetResult> {
  const given = parseOptions(BuildSftOptions, options);
  checkSftOptions(given);
  const targets = await sftTargets(given, context);
  const plan = buildPlan("build-sft", "sft", given, {
    paths: given.in,
    files: [given.rewardCheck],
    affects: {
      tokenizer: undefined,
      targets: targets.map((
        { tokenizer, variant, folder },
      ) => [tokenizer.fingerprint, variant, folder]),
    },
    seed: given.pick === "random" ? given.seed : null,
    tokenizers: [...new Set(targets.map(({ tokenizer }) => tokenizer.identity))],
    seenOnceKept: given.compat !== undefined,
  });
  return await withMessageForm((json) =>
    buildDataset<SftReject>(plan, context, async (input, folder) => {
      try {
        return await fill({ ...given, json }, targets, input, folder);
      } catch (error) {
        for (const target of targets) target.abandon();
        throw error;
      }
    })
  );
}

async function fill(
  options: SftSettings & { json: boolean },
  targets: readonly SftTarget[],
  input: BuildInput<SftReject>,
  { root, context }: BuildFolder<SftReject>,
): Promise<BuiltDataset> {
  const { historyThoughts } = options;
  const extra = options.compat ? new ExtraColumns() : await keptColumns(options, input);
  for (const target of targets) target.open(root, options, extra, options);
  const models = new Set<string>(), rewards = new Set<string>(), said = new Set<string>();
  const proof = options.twins ? new TwinProof() : undefined;
  let kept = 0, rows = 0;
  for await (const { item, records, reward } of rowReplies(options, input)) {
    if (reward !== undefined) rewards.add(reward);
    let rejection: Rejection<SftReject> | null = Array.isArray(records) ? null : records;
    const made: { record: TeacherRecord; rows: MadeRow[] }[] = [];
    const own = Array.isArray(records) ? records : [];
    for (const record of own.flatMap((each) => withHistoryThoughts(each, historyThoughts))) {
      const row = await makeRows(record, options, targets);
      if ("reason" in row) rejection ??= row;
      else made.push({ record, rows: row.rows });
    }
    const first = made.at(-1)?.record;
    if (first !== undefined) rejection = input.filter(item.id, first.messages);
    if (rejection !== null) {
      input.reject(item, rejection);
      sayTemplateFault(rejection, item.where, said, context.log);
      continue;
    }
    if (!options.json && made.some(({ record }) => hasTools(record))) throw new ToolsFound();
    input.keep(item);
    kept++;
    for (const { record, rows: own } of made) {
      models.add(record.model);
      rows++;
      for (const [index, target] of targets.entries()) {
        await target.write(record, own[index]!, extraValues(extra, record, item.where, options));
        proof?.add(target.format, record, own[index]!.turn, target.folder);
      }
    }
  }
  if (kept === 0) {
    throw new InputError(
      `${wordsOf(options.in)}: no reply could be kept; the first: ${input.firstReject}`,
    );
  }
  const sections = await checkedReward(options.rewardCheck, {
    paths: options.in,
    score: "score",
    names: rewards,
  });
  const leaves = await Promise.all(targets.map(async (target) => {
    const { configs, files, plot } = await target.close();
    const arrow = options.saveToDisk ? describeArrow(join(root, target.folder), configs[0]!) : [];
    const card = { ...sftCard(target, options), sections };
    return { plot, folder: target.folder, configs, card, files: [...files, ...arrow] };
  }));
  return {
    leaves,
    kept,
    models,
    extra: {
      datasets: targets.map(({ folder, format, tokenizer, variant }) => (
        { folder: folder || ".", tokenizer: tokenizer.name, variant, format, rows }
      )),
      repairs: input.repairs,
      ...(sections ? { sections } : {}),
      ...(proof === undefined ? {} : { twins: proof.result() }),
    },
  };
}

type MadeRow = SftRow & { reason: null };

/** The record's row for every target, or why one of them cannot have it. */
async function makeRows(
  record: TeacherRecord,
  options: SftSettings,
  targets: readonly SftTarget[],
): Promise<{ rows: MadeRow[] } | Rejection<SftReject>> {
  const fault = recordFault(record, options);
  if (fault !== null) return fault;
  const rows: MadeRow[] = [];
  for (const target of targets) {
    const row = await target.row(record);
    if (row.reason !== null) return row;
    rows.push(row);
  }
  return { rows };
}

/** What a template does to rows is the user's to know of at once, though the rest goes on. */
function sayTemplateFault(
  { reason, detail }: Rejection<SftReject>,
  where: string,
  said: Set<string>,
  log: (line: string) => void,
): void {
  // A template that fails on a row changes none: such a row is counted among the rejects.
  if (reason === "template_error") return;
  if (!reason.startsWith("template_") && reason !== "prompt_not_prefix") return;
  if (!said.has(detail)) log(`build-sft: ${where}: ${reason}: ${detail}`);
  said.add(detail);
}

/** The record's kept columns. Throws `InputError` for one that the first record of all lacks. */
function extraValues(
  extra: ExtraColumns,
  record: TeacherRecord,
  where: string,
  { compat }: BuildSftOptions,
) {
  const unknown = compat ? null : extra.unknown(record.extra);
  if (unknown === null) return extra.valuesOf(record.extra);
  throw new InputError(
    `${where}: extra.${unknown}: the first row has no extra: give every row the same columns there`,
  );
}

function hasTools(record: TeacherRecord): boolean {
  return needsJson(record) || record.tool_calls !== undefined;
}
