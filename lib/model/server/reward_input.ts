/** What a reward model reads of a prompt and an answer: its own chat template's text, cut to size. */
import { join } from "node:path";
import { openNativeTokenizer } from "../../io/tokenizer/native_tokenizer.ts";
import { loadChatTemplate } from "../../reply/chat_template.ts";
import { fitToLength } from "../fit_to_length.ts";
import { renderChat } from "../render_chat.ts";
import type { ScoringItem } from "../reward_model.ts";

/** A chat as text for a server that tokenizes it. */
export interface RewardInput {
  /** The rendered chat, its BOS included; cut where it was too long. */
  text: string;
  /** The tokens of `text`, exactly one BOS among them. */
  ids: number[];
  truncated: boolean;
}

/** Renders chats by a reward model's tokenizer folder. */
export interface RewardRenderer {
  /**
   * The chat that ends with the answer, without a generation prompt, as `fitToLength` cuts it.
   * Throws what `renderChat` and `fitToLength` throw.
   */
  render(item: ScoringItem, maxLength: number): Promise<RewardInput>;
  /** The same text without the BOS that the tokenizer itself puts before every text. */
  renderBare(
    item: ScoringItem,
    maxLength: number,
  ): Promise<{ input: string; truncated: boolean }>;
}

/** Opens a folder with tokenizer.json and a chat template. Throws `InputError` where it cannot. */
export async function openRewardRenderer(dir: string): Promise<RewardRenderer> {
  const template = await loadChatTemplate(dir), { bosToken } = template;
  const tokenizer = await openNativeTokenizer(join(dir, "tokenizer.json"));
  const encode = async (text: string, addSpecialTokens: boolean) =>
    (await tokenizer.encode(text, null, { addSpecialTokens })).getIds();
  const [plain, special] = [await encode("a", false), await encode("a", true)];
  const addsBos = special[0] === plain[0] ? undefined : special[0];
  const render = async (item: ScoringItem, maxLength: number) => {
    let text = "";
    const { tokens, truncated } = await fitToLength(item, maxLength, async (chat, options) => {
      const whole = renderChat(template, chat, options);
      if (!options.addGenerationPrompt) text = whole;
      return await encode(whole, false);
    });
    const ids = [...tokens];
    if (truncated) text = await tokenizer.decode(ids, false);
    return { text, ids, truncated };
  };
  return {
    render,
    async renderBare(item, maxLength) {
      const { text, ids, truncated } = await render(item, maxLength);
      const twice = bosToken !== null && text.startsWith(bosToken) && ids[0] === addsBos;
      return { input: twice ? text.slice(bosToken.length) : text, truncated };
    },
  };
}
