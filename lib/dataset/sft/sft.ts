/** Stage 2b: SFT datasets from a teacher's replies, think and nothink from the same ones. */
import { InputError } from "../../core/errors.ts";
import type { TeacherRecord } from "../../core/records.ts";
import { ExtraColumns } from "../../io/write/extra_columns.ts";
import { needsJson, ToolsFound } from "../../io/write/message_values.ts";
import type { StageCall } from "../../run/define_stage.ts";
import type { BuildInput } from "../build/build_input.ts";
import type { RowMaker } from "../build/dataset_builder.ts";
import type { RowOutcome } from "../build/row_ids.ts";
import { buildDataset, type DatasetResult } from "../build/dataset_folder.ts";
import type { Rejection } from "../build/rejects_file.ts";
import { withHistoryThoughts } from "../tokens/history_thoughts.ts";
import { recordFault } from "./record_fault.ts";
import { SftLeaf } from "./sft_leaf.ts";
import {
  BuildSftOptions,
  checkSftOptions,
  type SftReject,
  type SftSettings,
} from "./sft_options.ts";
import { keptColumns, rowReplies } from "./sft_replies.ts";
import type { SftRow, SftTarget } from "./sft_target.ts";
import { sftTargets } from "./sft_targets.ts";
import { TwinProof } from "./twin_proof.ts";

/** Runs `build-sft`. */
export async function buildSft(
  { stage, options, context }: StageCall<typeof BuildSftOptions>,
): Promise<DatasetResult> {
  checkSftOptions(options);
  const targets = await sftTargets(options, context);
  return await buildDataset<SftReject, SftOutcome>({
    ...{ stage: stage.name, kind: "sft", options, paths: options.in },
    affects: {
      tokenizer: undefined,
      targets: targets.map((
        { tokenizer, variant, folder },
      ) => [tokenizer.fingerprint, variant, folder]),
    },
    seed: options.pick === "random" ? options.seed : null,
    tokenizers: [...new Set(targets.map(({ tokenizer }) => tokenizer.identity))],
    seenOnceKept: options.compat !== undefined,
    nothing: "no reply could be kept",
    open: (input) => sftRows(options, targets, input),
  }, context);
}

/** What a row of the input gave: replies, and each as the row of every target. */
interface SftOutcome extends RowOutcome<SftReject> {
  replies: { record: TeacherRecord; rows: SftRow[] }[];
}

async function sftRows(
  options: SftSettings,
  targets: readonly SftTarget[],
  input: BuildInput<SftReject>,
): Promise<RowMaker<SftOutcome>> {
  const { folder } = input;
  const extra = options.compat ? new ExtraColumns() : await keptColumns(options, input);
  const leaves = targets.map((target) => new SftLeaf(target, options, extra, folder));
  const models = new Set<string>(), proof = options.twins ? new TwinProof() : undefined;
  let rows = 0;
  return {
    async *outcomes() {
      for await (const { id, where, records } of rowReplies(options, input)) {
        const { replies, rejection } = await withRows(records, options, targets);
        const prompt = replies.at(-1)?.record.messages ?? [];
        yield { id, where, prompt, rejection: replies.length > 0 ? null : rejection, replies };
      }
    },
    async keep({ where, replies }) {
      const needsForm = !folder.json && replies.some(({ record }) => hasTools(record));
      if (needsForm) throw new ToolsFound();
      for (const { record, rows: own } of replies) {
        const kept = extraValues(extra, record, where, options);
        models.add(record.model);
        rows++;
        for (const [index, leaf] of leaves.entries()) {
          await leaf.write(record, own[index]!, kept);
          proof?.add(leaf.target, record, own[index]!.turn);
        }
      }
    },
    async finish() {
      const datasets = targets.map(({ folder, format, tokenizer, variant }) => (
        { folder: folder || ".", tokenizer: tokenizer.name, variant, format, rows }
      ));
      const twins = proof === undefined ? {} : { twins: proof.result() };
      return {
        leaves: await Promise.all(leaves.map((leaf) => leaf.close())),
        models,
        extra: { datasets, repairs: input.repairs, ...twins },
      };
    },
  };
}

/** The rows of the replies that all targets can hold, and why the first of the others has none. */
async function withRows(
  records: TeacherRecord[] | Rejection<SftReject>,
  options: SftSettings,
  targets: readonly SftTarget[],
): Promise<Pick<SftOutcome, "replies" | "rejection">> {
  if (!Array.isArray(records)) return { replies: [], rejection: records };
  const replies: SftOutcome["replies"] = [];
  let rejection: Rejection<SftReject> | null = null;
  for (
    const record of records.flatMap((each) => withHistoryThoughts(each, options.historyThoughts))
  ) {
    const rows = await makeRows(record, options, targets);
    if (Array.isArray(rows)) replies.push({ record, rows });
    else rejection ??= rows;
  }
  return { replies, rejection };
}

/** The record's row for every target, or why one of them cannot have it. */
async function makeRows(
  record: TeacherRecord,
  options: SftSettings,
  targets: readonly SftTarget[],
): Promise<SftRow[] | Rejection<SftReject>> {
  const fault = recordFault(record, options);
  if (fault !== null) return fault;
  const rows: SftRow[] = [];
  for (const target of targets) {
    const row = await target.row(record);
    if ("reason" in row) return row;
    rows.push(row);
  }
  return rows;
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
