/** A stage as somebody would add one: it drops replies whose answers are too long. */
import { z } from "zod";
import { PolicyRecord } from "../lib/core/records.ts";
import { inputOptions, inputPaths, readingOf } from "../lib/io/inputs/input_options.ts";
import { readPolicyRows } from "../lib/io/records/read_records.ts";
import { runRecords } from "../lib/report/record_stage.ts";
import { fixedLimit } from "../lib/run/concurrency_limit.ts";
import { defineStage, leavesRecords } from "../lib/run/define_stage.ts";
import { recordRun } from "../lib/run/record_run.ts";
import { runOptions } from "../lib/run/run_options.ts";
import { repliesResult } from "../lib/view/results.ts";

const DropLongOptions = z.object({
  in: inputPaths("replies: a sample-policy run, or files of its records"),
  maxCharacters: z.number().int().positive().default(500).describe("characters an answer at most"),
  ...inputOptions,
  ...runOptions,
});

export const dropLong = defineStage({
  name: "drop-long",
  summary: "drops replies whose answers are longer than a number of characters",
  examples: ["drop-long --in runs/policy --out runs/short --max-characters 200"],
  options: DropLongOptions,
  leaves: leavesRecords("policy", PolicyRecord, ({ responses }, { extra }) => {
    extra.replies = (extra.replies ?? 0) + responses.length;
  }),
  rejects: ["bad_row", "too_few_responses"],
  run: async (call) => {
    const { options, context } = call, { in: paths, maxCharacters } = options;
    const reading = readingOf(options);
    const input = await recordRun<PolicyRecord>(options, context, {
      ...{ paths, reading },
      read: () => readPolicyRows(paths, { ...reading, scores: false }),
      content: ({ id, responses }) => ({ id, texts: responses.map(({ text }) => text) }),
    });
    const run = await runRecords<PolicyRecord, PolicyRecord>(call, input, () => ({
      affects: { maxCharacters },
      work: ({ id, source, prompt, format, model, responses }) => {
        const kept = responses.filter(({ answer }) => (answer?.length ?? 0) <= maxCharacters);
        const detail = `of ${responses.length} replies none is short enough`;
        return Promise.resolve(
          kept.length === 0
            ? { reject: { reason: "too_few_responses", detail } }
            : { record: { id, source, prompt, format, model, responses: kept } },
        );
      },
      models: [],
      packages: {},
      seed: null,
      slots: fixedLimit(options.concurrency ?? 8),
      timeoutMs: options.timeout * 1000,
    }));
    return repliesResult(run);
  },
});
