/** The files in which a prompted model differs from its base model. */
import { join } from "node:path";
import {
  CHAT_TEMPLATE_FILE,
  readTextIfThere,
  SPECIAL_TOKENS_FILE,
  TOKENIZER_CONFIG_FILE,
} from "../reply/chat_template.ts";
import type { BaseModel } from "./base_model.ts";
import { fieldsText, type JsonFields, parseFields } from "./edit_json.ts";

/** What a prompted model is to be. */
export interface PromptedChanges {
  template: string;
  eos: { token: string; id: number };
  /** stop.txt and longcot_config.json, as text. */
  stop: string;
  longcot: object;
}

/**
 * The changed and the new files of a prompted model, by name. Template and EOS are the same in all
 * of them; other fields, their order and the spelling of their numbers stay.
 */
export async function newFiles(
  model: BaseModel,
  { template, eos, stop, longcot }: PromptedChanges,
): Promise<Map<string, string>> {
  const read = async (name: string): Promise<JsonFields | null> => {
    const file = join(model.dir, name), text = await readTextIfThere(file);
    return text === null ? null : parseFields(text, file);
  };
  const config = await read("config.json") ?? {};
  const tokenizerConfig = await read(TOKENIZER_CONFIG_FILE) ?? {};
  const { bos_token } = model.specialTokens;
  const specialTokens = await read(SPECIAL_TOKENS_FILE) ??
    (bos_token === undefined ? {} : { bos_token });
  const generation = await read("generation_config.json") ?? ids(config, ["bos", "pad"]);

  return new Map([
    ["config.json", fieldsText({ ...config, eos_token_id: eos.id })],
    ["generation_config.json", fieldsText({ ...generation, eos_token_id: eos.id })],
    [
      TOKENIZER_CONFIG_FILE,
      fieldsText({
        ...tokenizerConfig,
        eos_token: withText(tokenizerConfig.eos_token, eos.token),
        chat_template: template,
      }),
    ],
    [
      SPECIAL_TOKENS_FILE,
      fieldsText({ ...specialTokens, eos_token: withText(specialTokens.eos_token, eos.token) }),
    ],
    [CHAT_TEMPLATE_FILE, template],
    ["stop.txt", stop],
    ["longcot_config.json", fieldsText({ ...longcot })],
  ]);
}

/** Writes texts into a folder, by name. */
export async function writeFiles(dir: string, texts: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of texts) await Deno.writeTextFile(join(dir, name), text);
}

/** A special token of another text, in the shape it had: text, or an object with its settings. */
function withText(token: unknown, content: string): unknown {
  return token !== null && typeof token === "object" ? { ...token, content } : content;
}

function ids(config: JsonFields, names: string[]): JsonFields {
  const fields = names.map((name) => `${name}_token_id`);
  return Object.fromEntries(
    fields.flatMap((field) => (config[field] ?? null) === null ? [] : [[field, config[field]]]),
  );
}
