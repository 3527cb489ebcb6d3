/** What must be known of a base model's folder before a prompted model is made from it. */
import { join } from "node:path";
import { InputError, messageOf } from "../core/errors.ts";
import {
  readJsonObject,
  readSpecialTokens,
  TOKENIZER_CONFIG_FILE,
  tokenText,
} from "../reply/chat_template.ts";
import { FAMILIES, type Family } from "./families.ts";

/** A base model, as its small files tell of it. */
export interface BaseModel {
  dir: string;
  modelType: string;
  family: Family;
  specialTokens: Record<string, string>;
  /** The id of a token, or undefined where the vocabulary lacks it. */
  tokenId: (token: string) => number | undefined;
}

/**
 * Reads config.json, tokenizer_config.json and tokenizer.json of a model folder. Throws
 * `InputError` where one is missing or broken, or the family is not known.
 */
export async function readBaseModel(dir: string): Promise<BaseModel> {
  await mustBeFolder(dir);
  const configFile = join(dir, "config.json");
  const config = await required(configFile, `${dir}: not a model folder: no config.json`);
  const modelType = config.model_type;
  if (typeof modelType !== "string") {
    throw new InputError(`${configFile}: no "model_type"; known are ${knownFamilies()}`);
  }
  const family = Object.hasOwn(FAMILIES, modelType) ? FAMILIES[modelType] : undefined;
  if (family === undefined) {
    throw new InputError(
      `${configFile}: "model_type" ${
        JSON.stringify(modelType)
      } is not supported; known are ${knownFamilies()}`,
    );
  }
  const tokenizerConfig = await required(
    join(dir, TOKENIZER_CONFIG_FILE),
    `${dir}: no ${TOKENIZER_CONFIG_FILE}`,
  );
  const ids = await readVocabulary(dir);
  for (const [id, token] of Object.entries(tokenizerConfig.added_tokens_decoder ?? {})) {
    const text = tokenText(token);
    if (text !== null) ids.set(text, Number(id));
  }
  return {
    dir,
    modelType,
    family,
    specialTokens: await readSpecialTokens(dir, tokenizerConfig),
    tokenId: (token) => ids.get(token),
  };
}

async function mustBeFolder(dir: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(dir);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new InputError(`${dir}: no such folder`);
    throw new InputError(`${dir}: cannot be read: ${messageOf(error)}`);
  }
  if (!info.isDirectory) throw new InputError(`${dir}: not a folder`);
}

async function required(file: string, missing: string): Promise<Record<string, unknown>> {
  const value = await readJsonObject(file);
  if (value === null) throw new InputError(missing);
  return value;
}

/** Token ids by text, from tokenizer.json: the vocabulary's and the added tokens'. */
async function readVocabulary(dir: string): Promise<Map<string, number>> {
  const file = join(dir, "tokenizer.json");
  const tokenizer = await required(file, `${dir}: no tokenizer.json`);
  const vocab = (tokenizer.model as { vocab?: unknown } | null | undefined)?.vocab;
  if (vocab === null || typeof vocab !== "object") {
    throw new InputError(`${file}: not a tokenizer: no "model.vocab"`);
  }
  // A unigram model lists its tokens; the others map them to their ids.
  const ids = Array.isArray(vocab)
    ? new Map<string, number>(vocab.map((entry, id) => [String(entry?.[0]), id]))
    : new Map<string, number>(Object.entries(vocab));
  const added = tokenizer.added_tokens ?? [];
  if (!Array.isArray(added)) throw new InputError(`${file}: "added_tokens" must be a list`);
  for (const token of added) {
    const text = tokenText(token);
    if (text === null || !Number.isInteger(token.id)) {
      throw new InputError(`${file}: "added_tokens" holds something that is no token`);
    }
    ids.set(text, token.id);
  }
  return ids;
}

function knownFamilies(): string {
  return Object.keys(FAMILIES).join(", ");
}
