/** The rounds after the first, each from the model that the round before left: `round` with TRL. */
import type { StageContext } from "../core/context.ts";
import type { Format } from "../core/records.ts";
import { EMBEDDED_TRAIN_PROMPTS } from "../model/embedded/paths.ts";
import { RoundConfig } from "../round/round_options.ts";
import { rounds } from "../round/rounds.ts";
import { SAMPLING } from "./held_out.ts";
import type { Trained } from "./trained.ts";
import { type Training, trainingCommand, trainingLog } from "./train.ts";

/**
 * Does `count` rounds of DPO below `out`, from a model that was trained already, and gives their
 * models. The one whose chosen replies became less likely is the last.
 */
export async function laterRounds(
  from: Trained,
  count: number,
  { out, format, limit, seed, python, threads, training }: {
    out: string;
    format: Format;
    limit: number | undefined;
    seed: number;
    python: string;
    threads: number;
    training: Omit<Training, "model" | "dataset" | "out" | "name">;
  },
  context: StageContext,
): Promise<Trained[]> {
  const config = RoundConfig.parse({
    out,
    prompts: EMBEDDED_TRAIN_PROMPTS,
    model: from.folder,
    rewardModel: "embedded",
    sample: { ...SAMPLING, format, ...(limit !== undefined && { limit }) },
    score: { maxLength: 1024 },
    build: { format },
    train: trainingCommand(python, threads, { ...training, name: from.name }),
    seed: seed + 1,
  });
  const models: Trained[] = [];
  for (let number = 1; number <= count; number++) {
    const round = from.round + number;
    await rounds(config, number, context);
    const folder = `${out}/round-${number}/trained`;
    models.push({ ...from, round, folder, name: `${from.name}-round-${round}` });
    if ((await trainingLog(folder))?.collapsed) break;
  }
  return models;
}
