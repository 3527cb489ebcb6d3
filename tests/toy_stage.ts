/** A stage as somebody would add one: it drops replies whose answers are too long. */
import { z } from "zod";
import { PolicyRecord } from "../lib/core/records.ts";
import { hashInputs } from "../lib/io/hash_inputs.ts";
import { readPolicyRecords } from "../lib/io/read_records.ts";
import { fixedLimit } from "../lib/run/concurrency_limit.ts";
import { defineStage, leavesRecords } from "../lib/run/define_stage.ts";
import { runOptions } from "../lib/run/run_options.ts";
import { runStage } from "../lib/run/run_stage.ts";
import { shardFrom } from "../lib/run/shard.ts";
import { repliesResult } from "../lib/view/results.ts";

const DropLongOptions = z.object({
  in: z.string().min(1).describe("replies: a sample-policy run, or files of its records"),
  maxCharacters: z.number().int().positive().default(500).describe("characters an answer at most"),
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
  rejects: ["too_few_responses"],
  run: async ({ options, context }) => {
    const { maxCharacters } = options;
    const run = await runStage<PolicyRecord, PolicyRecord>({
      stage: "drop-long",
      out: options.out,
      options,
      affects: { maxCharacters },
      inputs: await hashInputs(options.in, {}),
      read: () => readPolicyRecords(options.in, { scores: false }),
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
      reasons: ["too_few_responses"],
      tally: ({ responses }, { extra }) => {
        extra.replies = (extra.replies ?? 0) + responses.length;
      },
      models: [],
      packages: {},
      seed: null,
      shard: shardFrom(options.shard, context.env, context.log),
      limit: options.limit,
      slots: fixedLimit(options.concurrency ?? 8),
      timeoutMs: options.timeout * 1000,
    }, context);
    return repliesResult(run);
  },
});
