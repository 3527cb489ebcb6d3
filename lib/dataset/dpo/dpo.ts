/** Stage 3c: preference pairs from a policy's scored replies. */
import { readScoredRows } from "../../io/records/read_records.ts";
import type { StageCall } from "../../run/define_stage.ts";
import type { BuildInput } from "../build/build_input.ts";
import type { RowMaker } from "../build/dataset_builder.ts";
import { buildDataset, type DatasetResult } from "../build/dataset_folder.ts";
import { historyOf } from "../tokens/history_thoughts.ts";
import { LengthLimit } from "../tokens/length_limit.ts";
import { openTokenizer } from "../tokens/tokenizer.ts";
import { AllResponses } from "./all_responses.ts";
import { DpoLeaf, type FormOf, formOf } from "./dpo_leaf.ts";
import {
  BuildDpoOptions,
  checkDpoOptions,
  type DpoReject,
  type DpoSettings,
} from "./dpo_options.ts";
import { type Choice, hasToCount, PairMaker } from "./pair_maker.ts";
import { ScoreScale } from "./score_scale.ts";

/** Prompts whose lengths are counted together, on all cores. */
const SETTLED_AT_ONCE = 64;

/** Runs `build-dpo`. */
export async function buildDpo(
  { stage, options, context }: StageCall<typeof BuildDpoOptions>,
): Promise<DatasetResult> {
  checkDpoOptions(options);
  const tokenizer = await openTokenizer({ name: "tokenizer", dir: options.tokenizer }, context);
  const { maxLength: max, compat, gate } = options;
  const form = formOf(tokenizer, options);
  return await buildDataset<DpoReject, Choice>({
    ...{ stage: stage.name, kind: "dpo", options, paths: options.in },
    affects: { tokenizer: tokenizer.fingerprint, gate: gate.length > 0 ? gate : undefined },
    seed: options.seed,
    tokenizers: [tokenizer.identity],
    nothing: "no prompt gave a pair",
    async open(input) {
      const limit = await LengthLimit.open(tokenizer, { max, compat, form });
      return dpoRows(options, input, { limit, form });
    },
  }, context);
}

function dpoRows(
  options: DpoSettings,
  input: BuildInput<DpoReject>,
  { limit, form }: { limit: LengthLimit; form: FormOf },
): RowMaker<Choice> {
  const scale = new ScoreScale(options.score), maker = new PairMaker(options, limit, scale);
  const leaf = new DpoLeaf(options, input.folder), models = new Set<string>();
  const all = options.withAllResponses ? new AllResponses(input.folder) : undefined;
  return {
    async *outcomes() {
      if (scale.needsAll) await scale.measure(input.ahead(readScoredRows));
      const waiting: Choice[] = [];
      for await (const { where, ...record } of input.scored()) {
        models.add(record.model).add(record.reward_model);
        await all?.write(record);
        record.prompt = historyOf(record.prompt, options.historyThoughts);
        waiting.push(maker.choose(record, where, input.pairOf(record.id)));
        // They wait for one another only behind one whose tokens are to be counted.
        if (waiting.length === SETTLED_AT_ONCE || !hasToCount(waiting[0]!)) {
          yield* await maker.settled(waiting.splice(0));
        }
      }
      yield* await maker.settled(waiting);
    },
    keep: (choice) => leaf.add(choice),
    async finish() {
      const format = maker.format!, made = await leaf.close(format, form);
      if (all !== undefined) made.leaf.configs.push(await all.close());
      return {
        leaves: [made.leaf],
        models,
        extra: {
          format,
          pairs: made.pairs,
          malformed_replies: maker.malformed,
          tokenized: limit.counted,
          repairs: input.repairs,
          ...made.gate,
        },
      };
    },
  };
}
