/** Prompts for RL, in the schema that verl's trainers read. */
import { canonicalJson } from "../../core/canonical.ts";
import { InputError } from "../../core/errors.ts";
import { wordsOf } from "../../io/inputs/input_files.ts";
import { needsJson } from "../../io/write/message_values.ts";
import { promptFault } from "../../io/prompts/messages.ts";
import { readPromptRows } from "../../io/prompts/read_prompts.ts";
import type { StageCall } from "../../run/define_stage.ts";
import type { BuildInput } from "../build/build_input.ts";
import type { CardFacts } from "../build/card.ts";
import type { RowMaker } from "../build/dataset_builder.ts";
import type { RowOutcome } from "../build/row_ids.ts";
import { buildDataset, type DatasetResult } from "../build/dataset_folder.ts";
import { SpooledRows } from "../build/spooled_rows.ts";
import { groundTruth, promptRow, promptTexts, RL_COLUMNS, type RlPrompt } from "./prompt_rows.ts";
import { BuildRlOptions, type RlReject, type RlSettings } from "./rl_options.ts";

/** Runs `build-rl`. */
export async function buildRl(
  { stage, options, context }: StageCall<typeof BuildRlOptions>,
): Promise<DatasetResult> {
  return await buildDataset<RlReject, RlOutcome>({
    ...{ stage: stage.name, kind: "rl", options, paths: options.prompts },
    seed: options.seed,
    nothing: "no prompt is left",
    open: (input) => rlRows(options, input),
  }, context);
}

/** A prompt, and why it is no row. */
type RlOutcome = RlPrompt & RowOutcome<RlReject>;

function rlRows(options: RlSettings, input: BuildInput<RlReject>): RowMaker<RlOutcome> {
  const rows = new SpooledRows(input.folder);
  return {
    async *outcomes() {
      const { prompts, promptKey, keep, groundTruthKey } = options;
      const read = readPromptRows(
        prompts,
        { ...input.reading, promptKey, keep },
        (row, where) => ({ truth: groundTruth(row, groundTruthKey, where) }),
      );
      const contentOf = ({ messages, truth }: RlPrompt) => [canonicalJson({ messages, truth })];
      for await (const item of input.items(read, contentOf)) {
        const fault = promptFault(item);
        const rejection = fault !== null
          ? { reason: fault, detail: "" }
          : needsJson(item)
          ? { reason: "tools_not_taken" as const, detail: "rows for RL hold turns of text alone" }
          : item.truth === null
          ? { reason: "no_ground_truth" as const, detail: `${groundTruthKey} is not there` }
          : null;
        yield { ...item, prompt: item.messages, rejection };
      }
    },
    keep(item) {
      rows.add(item.prompt, [promptTexts(item)], item.extra);
    },
    async finish() {
      const { seed, validation, prompts, saveToDisk, dataSource, ability } = options;
      const train = rows.prompts - validation;
      if (train <= 0) {
        throw new InputError(
          `${wordsOf(prompts)}: ${rows.prompts} prompts are left, and --validation ${validation} ` +
            `of them would leave none to train on`,
        );
      }
      const { rows: extra, ...files } = await rows.write(
        { seed, train, grouped: true, columns: RL_COLUMNS, saveToDisk },
        (row) => promptRow(row, options),
      );
      const card: CardFacts = {
        title: "Prompts for RL",
        about: "Prompts in verl's schema.",
        tags: ["rl", "verl"],
        settings: [["data source", dataSource], ["ability", ability]],
      };
      return { leaves: [{ folder: "", card, ...files }], models: [], extra };
    },
  };
}
