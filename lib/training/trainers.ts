/** The trainers that are known, by name. */
import type { Trainer } from "./trainer.ts";
import { trl } from "./trainers/trl.ts";

const trainers: readonly Trainer[] = [trl];

/** As `--trainer` has them. */
export const TRAINER_NAMES = ["trl"] as const;

/** The trainer of a name. */
export function trainerNamed(name: (typeof TRAINER_NAMES)[number]): Trainer {
  return trainers.find((trainer) => trainer.name === name)!;
}
