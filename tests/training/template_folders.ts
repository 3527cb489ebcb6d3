/** Tokenizer folders with the chat templates of five families, as TRL's package has them. */
import { join } from "node:path";
import { type BaseFamily, makeBaseFolder } from "../base_folders.ts";

/** A family's template in TRL's package, the tokenizer under it, and what ends its turns. */
export const TEMPLATE_FAMILIES = {
  llama3_1: { base: "llama", eos: "<|eot_id|>", added: [] },
  qwen2_5: { base: "qwen2", eos: "<|im_end|>", added: [] },
  qwen3: { base: "qwen3", eos: "<|im_end|>", added: [] },
  qwen3_8: { base: "qwen3", eos: "<|im_end|>", added: [] },
  gptoss: {
    base: "llama",
    eos: "<|return|>",
    added: ["<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|return|>", "<|call|>"],
  },
} as const satisfies Record<
  string,
  { base: BaseFamily; eos: string; added: readonly string[] }
>;
export type TemplateFamily = keyof typeof TEMPLATE_FAMILIES;

/** Makes `dir` the family's folder; `python` is an interpreter that has TRL. */
export async function makeTemplateFolder(
  family: TemplateFamily,
  dir: string,
  python: string,
): Promise<string> {
  const { base, eos, added } = TEMPLATE_FAMILIES[family];
  await makeBaseFolder(base, dir);
  const template = await Deno.readTextFile(
    `${await trlFolder(python)}/chat_templates/${family}.jinja`,
  );
  await Deno.writeTextFile(join(dir, "chat_template.jinja"), template);
  const configFile = join(dir, "tokenizer_config.json");
  const config = JSON.parse(await Deno.readTextFile(configFile));
  delete config.chat_template;
  if (added.length > 0) {
    const file = join(dir, "tokenizer.json");
    const tokenizer = JSON.parse(await Deno.readTextFile(file));
    const next = Math.max(...tokenizer.added_tokens.map(({ id }: { id: number }) => id)) + 1;
    for (const [index, content] of added.entries()) {
      const token = { content, single_word: false, lstrip: false, rstrip: false };
      const flags = { normalized: false, special: true };
      tokenizer.added_tokens.push({ id: next + index, ...token, ...flags });
      if (config.added_tokens_decoder) {
        config.added_tokens_decoder[next + index] = { ...token, ...flags };
      }
    }
    await Deno.remove(file);
    await Deno.writeTextFile(file, JSON.stringify(tokenizer));
    config.bos_token = null;
    delete config.add_bos_token;
    // Harmony's tokenizer adds nothing of its own.
    tokenizer.post_processor = null;
    await Deno.writeTextFile(file, JSON.stringify(tokenizer));
  }
  await Deno.writeTextFile(configFile, JSON.stringify({ ...config, eos_token: eos }));
  return dir;
}

async function trlFolder(python: string): Promise<string> {
  const lib = join(python, "../../lib");
  for await (const { name } of Deno.readDir(lib)) {
    if (name.startsWith("python3")) return join(lib, name, "site-packages/trl");
  }
  throw new Error(`${lib}: no Python there`);
}
