/** The trainers that are known, by name. */
import type { Trainer } from "./trainer.ts";
import { axolotl } from "./trainers/axolotl.ts";
import { llamaFactory } from "./trainers/llama_factory.ts";
import { msSwift } from "./trainers/ms_swift.ts";
import { trl } from "./trainers/trl.ts";
import { verl } from "./trainers/verl.ts";

const trainers: readonly Trainer[] = [trl, verl, axolotl, llamaFactory, msSwift];

/** As `--trainer` has them. */
export const TRAINER_NAMES = ["trl", "verl", "axolotl", "llama-factory", "ms-swift"] as const;

export function trainerNamed(name: (typeof TRAINER_NAMES)[number]): Trainer {
  return trainers.find((trainer) => trainer.name === name)!;
}
