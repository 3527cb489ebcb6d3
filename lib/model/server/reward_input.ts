/** What a reward model reads of a prompt and an answer: its own chat template's text, cut to size. */
import { join } from "node:path";
import type { Tokenizer } from "tokenizers";
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import type { Message } from "../../core/records.ts";
import { checkTokenizerPatterns } from "../../io/tokenizer_patterns.ts";
import { fitToLength } from "../fit_to_length.ts";
import { loadChatTemplate } from "../../reply/chat_template.ts";
import type { ScoringItem } from "../reward_model.ts";

/** A chat as text for a server that tokenizes it. */
export interface RewardInput {
  /** The rendered chat, its BOS included; cut where it was too long. */
  text: string;
  /** The same without the BOS that the tokenizer itself puts before every text. */
  bareText: string;
  /** The tokens of `text`, exactly one BOS among them. */
  ids: number[];
  truncated: boolean;
}

/** Renders chats by a reward model's tokenizer folder. */
export interface RewardRenderer {
  /**
   * The chat that ends with the answer, without a generation prompt, as `fitToLength` cuts it.
   * Throws `ModelError` `reject` / `template_error` and what `fitToLength` throws.
   */
  render(item: ScoringItem, maxLength: number): Promise<RewardInput>;
}

/** Opens a folder with tokenizer.json and a chat template. Throws `InputError` where it cannot. */
export async function openRewardRenderer(dir: string): Promise<RewardRenderer> {
  const template = await loadChatTemplate(dir);
  const tokenizer = await openTokenizer(join(dir, "tokenizer.json"));
  const encode = async (text: string, addSpecialTokens: boolean) =>
    (await tokenizer.encode(text, null, { addSpecialTokens })).getIds();
  const addsBos = await addsItself(encode);
  return {
    async render(item, maxLength) {
      let text = "";
      const { tokens, truncated } = await fitToLength(item, maxLength, async (chat, options) => {
        const whole = rendered(template, chat, options);
        if (!options.addGenerationPrompt) text = whole;
        return await encode(whole, false);
      });
      const ids = [...tokens];
      if (truncated) text = await tokenizer.decode(ids, false);
      const { bosToken } = template;
      const twice = bosToken !== null && text.startsWith(bosToken) && ids[0] === addsBos;
      const bareText = twice ? text.slice(bosToken.length) : text;
      return { text, bareText, ids, truncated };
    },
  };
}

/** The id that the tokenizer puts before every text, or undefined. */
async function addsItself(
  encode: (text: string, addSpecialTokens: boolean) => Promise<number[]>,
): Promise<number | undefined> {
  const [plain, special] = [await encode("a", false), await encode("a", true)];
  return special[0] === plain[0] ? undefined : special[0];
}

function rendered(
  template: Awaited<ReturnType<typeof loadChatTemplate>>,
  messages: readonly Message[],
  options: { addGenerationPrompt: boolean },
): string {
  try {
    return template.render(messages, options);
  } catch (error) {
    throw new ModelError("reject", messageOf(error), { reason: "template_error", cause: error });
  }
}

async function openTokenizer(path: string): Promise<Tokenizer> {
  await checkTokenizerPatterns(path);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new InputError(`${path}: cannot be read: ${messageOf(error)}`);
  }
  const { default: tokenizers } = await import("tokenizers");
  try {
    return tokenizers.Tokenizer.fromString(text);
  } catch (error) {
    throw new InputError(`${path}: not a tokenizer: ${messageOf(error)}`);
  }
}
