/** The model families that prompted models are made for, by `model_type` in config.json. */

/** What is known of a family. */
export interface Family {
  /** The token that ends a turn in its chat models. */
  turnEnd: string;
  /** Its base models saw that token in training, so that they may write it untrained. */
  turnEndTrained: boolean;
}

const llama: Family = { turnEnd: "<|eot_id|>", turnEndTrained: false };
const qwen: Family = { turnEnd: "<|im_end|>", turnEndTrained: true };

/** The families by `model_type`; Qwen 2.5 calls itself `qwen2`. */
export const FAMILIES: Readonly<Record<string, Family>> = { llama, qwen2: qwen, qwen3: qwen };
