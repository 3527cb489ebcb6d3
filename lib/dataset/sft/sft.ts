/** Stage 2b: SFT datasets from a teacher's replies, think and nothink from the same ones. */
import type { TeacherRecord } from "../../core/records.ts";
import type { StageCall } from "../../run/define_stage.ts";
import type { BuildInput } from "../build/build_input.ts";
import type { RowMaker } from "../build/dataset_builder.ts";
import type { RowOutcome } from "../build/row_ids.ts";
import { buildDataset, type DatasetResult } from "../build/dataset_folder.ts";
import { SftLeaf } from "./sft_leaf.ts";
import {
  BuildSftOptions,
  checkSftOptions,
  type SftReject,
  type SftSettings,
} from "./sft_options.ts";
import { keptColumns, rowReplies } from "./sft_replies.ts";
import type { SftRow, SftTarget } from "./sft_target.ts";
import { rowsOfReply, sftTargets } from "./sft_targets.ts";
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
      targets: targets.map((each) => [each.tokenizer.fingerprint, each.variant, each.folder]),
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
  const extra = await keptColumns(options, input);
  const leaves = targets.map((target) => new SftLeaf(target, options, extra, input.folder));
  const models = new Set<string>(), proof = options.twins ? new TwinProof() : undefined;
  return {
    async *outcomes() {
      for await (const { records, rejection, ...row } of rowReplies(options, input)) {
        const replies: SftOutcome["replies"] = [];
        let fault = rejection;
        for (const record of records) {
          const rows = await rowsOfReply(record, options, targets);
          if (Array.isArray(rows)) replies.push({ record, rows });
          else fault ??= rows;
        }
        const prompt = replies.at(-1)?.record.messages ?? [];
        yield { ...row, prompt, rejection: replies.length > 0 ? null : fault, replies };
      }
    },
    async keep({ where, replies }) {
      for (const { record, rows } of replies) {
        const kept = extra.valuesOf(options.compat ? undefined : record.extra, where);
        models.add(record.model);
        for (const [index, leaf] of leaves.entries()) {
          await leaf.write(record, rows[index]!, kept);
          proof?.add(leaf.target, record, rows[index]!.turn);
        }
      }
    },
    async finish() {
      const twins = proof === undefined ? {} : { twins: proof.result() };
      const datasets = leaves.map((leaf) => leaf.told());
      return {
        leaves: await Promise.all(leaves.map((leaf) => leaf.close())),
        models,
        extra: { datasets, repairs: input.repairs, ...twins },
      };
    },
  };
}
