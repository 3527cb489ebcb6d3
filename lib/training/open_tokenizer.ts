/** A tokenizer's folder, opened for what trainers ask of it. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { TokenCounter } from "../dataset/tokens/token_counter.ts";
import { openTokenizer, TEMPLATE_DATE } from "../dataset/tokens/tokenizer.ts";
import { readTokenizerSettings } from "../dataset/tokens/tokenizer_file.ts";
import { readJsonObject, TOKENIZER_CONFIG_FILE } from "../reply/chat_template.ts";
import { markGeneration } from "./generation_marks.ts";
import type { Encoded } from "./sequence.ts";
import type { TextToEncode, TrainingTokenizer } from "./trainer.ts";

/** The tokenizer, and how texts become tokens: many at once, on all cores. */
export interface OpenedTokenizer extends TrainingTokenizer {
  /** The tokens as text, for what is shown. */
  encode(texts: readonly TextToEncode[]): Promise<Encoded[]>;
}

/** Opens a folder. Throws `InputError` where it has no template or no tokenizer.json. */
export async function openTrainingTokenizer(
  given: string,
  context: Partial<StageContext> = {},
): Promise<OpenedTokenizer> {
  const { template, dir } = await openTokenizer({ name: "tokenizer", dir: given }, context);
  const counter = await TokenCounter.open(dir);
  const special = await specialTokens(dir);
  const idOf = (token: string | null) => token === null ? null : special.get(token) ?? null;
  const bos = idOf(template.bosToken), eos = idOf(template.eosToken);
  const [plain] = await counter.encodings(["x"], true);
  const ends = new Set(eos === null ? [] : [eos]);
  for (const id of await generationEnds(dir)) ends.add(id);
  return {
    template,
    marked: markGeneration(template, () => TEMPLATE_DATE),
    bos,
    eos,
    addsBos: bos !== null && plain?.ids[0] === bos,
    special: new Set(special.values()),
    ends,
    ids: (text) => counter.ids(text),
    encode: async (texts) => {
      const encoded = new Array<Encoded>(texts.length);
      const kinds = Map.groupBy(texts.keys(), (index) => {
        const { special, exact = false } = texts[index]!;
        return `${special} ${exact}`;
      });
      for (const places of kinds.values()) {
        const { special, exact } = texts[places[0]!]!;
        const own = places.map((index) => texts[index]!.text);
        const made = await counter.encodings(own, special, { exact });
        for (const [at, index] of places.entries()) encoded[index] = made[at]!;
      }
      return encoded;
    },
  };
}

/** The tokens that are no text, by what they are called. */
async function specialTokens(dir: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const add = (id: unknown, token: unknown) => {
    const { content, special } = (token ?? {}) as { content?: unknown; special?: unknown };
    if (special === true && typeof content === "string") found.set(content, Number(id));
  };
  const { added_tokens } = await readTokenizerSettings(dir);
  for (const token of Array.isArray(added_tokens) ? added_tokens : []) add(token?.id, token);
  const config = await readJsonObject(join(dir, TOKENIZER_CONFIG_FILE));
  for (const [id, token] of Object.entries(config?.added_tokens_decoder ?? {})) add(id, token);
  return found;
}

/** What ends a reply beside the tokenizer's EOS, by the folder's generation_config.json. */
async function generationEnds(dir: string): Promise<number[]> {
  const config = await readJsonObject(join(dir, "generation_config.json"));
  return [config?.eos_token_id].flat().filter((id) => typeof id === "number");
}
