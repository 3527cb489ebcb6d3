/** A stage as somebody would add one: it drops replies whose answers are too long. */
import { z } from "zod";
import { PolicyRecord } from "../lib/core/records.ts";
import type { RejectReason } from "../lib/core/reject_reasons.ts";
import { inputOptions, inputPaths, readingOf } from "../lib/io/input_options.ts";
import { readPolicyRows } from "../lib/io/read_records.ts";
import { fixedLimit } from "../lib/run/concurrency_limit.ts";
import { defineStage, leavesRecords } from "../lib/run/define_stage.ts";
import { recordRun } from "../lib/run/record_run.ts";
import { runOptions } from "../lib/run/run_options.ts";
import { runStage } from "../lib/run/run_stage.ts";
import type { Tally } from "../lib/run/stage_run.ts";
import { repliesResult } from "../lib/view/results.ts";

const DropLongOptions = z.object({
  in: inputPaths("replies: a sample-policy run, or files of its records"),
  maxCharacters: z.number().int().positive().default(500).describe("characters an answer at most"),
  ...inputOptions,
  ...runOptions,
});

const REJECTS = ["bad_row", "too_few_responses"] as const satisfies readonly RejectReason[];

function tallyReplies({ responses }: PolicyRecord, { extra }: Tally): void {
  extra.replies = (extra.replies ?? 0) + responses.length;
}

export const dropLong = defineStage({
  name: "drop-long",
  summary: "drops replies whose answers are longer than a number of characters",
  examples: ["drop-long --in runs/policy --out runs/short --max-characters 200"],
  options: DropLongOptions,
  leaves: leavesRecords("policy", PolicyRecord, tallyReplies),
  rejects: REJECTS,
  run: async ({ options, context }) => {
    const { maxCharacters } = options, reading = readingOf(options);
    const run = await runStage<PolicyRecord, PolicyRecord>({
      ...await recordRun({ paths: options.in, reading }, options, context),
      stage: "drop-long",
      options,
      affects: { maxCharacters },
      read: () => readPolicyRows(options.in, { ...reading, scores: false }),
      content: ({ id, responses }) => ({ id, texts: responses.map(({ text }) => text) }),
      work: ({ id, source, prompt, format, model, responses }) => {
        const kept = responses.filter(({ answer }) => (answer?.length ?? 0) <= maxCharacters);
        const detail = `of ${responses.length} replies none is short enough`;
        return Promise.resolve(
          kept.length === 0
            ? { reject: { reason: "too_few_responses", detail } }
            : { record: { id, source, prompt, format, model, responses: kept } },
        );
      },
      record: PolicyRecord,
      reasons: REJECTS,
      tally: tallyReplies,
      models: [],
      packages: {},
      seed: null,
      slots: fixedLimit(options.concurrency ?? 8),
      timeoutMs: options.timeout * 1000,
    }, context);
    return repliesResult(run);
  },
});
