/** A model that is measured: an arm under a training seed, or the untrained one. */
export interface Trained {
  /** `dpo-1`: arm and training seed. */
  name: string;
  /** What it was trained on: `dpo`, `flipped`, `random`, `malformed`, `best-of-8`; or `zero`. */
  arm: string;
  /** Of the training; 0 for `zero`. */
  seed: number;
  /** Of DPO, from 1; 0 for `zero`. */
  round: number;
  /** Its weights. */
  folder: string;
}

/** A model's name without its training seed: `dpo` of `dpo-3`, `dpo-round-2` of `dpo-3-round-2`. */
export function withoutSeed(name: string): string {
  return name.replace(/-\d+(?=(-round-\d+)?$)/, "");
}
