/** SPEC `embedded`: the small trained models that come with thinkset, and their prompts. */
import { InputError } from "../../core/errors.ts";
import type { Format } from "../../core/records.ts";
import {
  type ChatTemplate,
  chatTemplateOf,
  readJsonObject,
  readSpecialTokens,
} from "../../reply/chat_template.ts";
import { promptedTemplate } from "../../reply/prompted_template.ts";
import type { ChatModel } from "../chat_model.ts";
import { localChat, localReward, localText } from "../local/local.ts";
import type { RewardModel } from "../reward_model.ts";
import type { TextModel } from "../text_model.ts";
import { EMBEDDED_POLICY, EMBEDDED_REWARD } from "./paths.ts";

/**
 * The document's chat template over the embedded policy's special tokens, as stage 1 would write
 * it. The policy knows the two prompted formats only: `InputError` for another.
 */
export async function embeddedTemplate(format: Format): Promise<ChatTemplate> {
  if (format !== "prompted-think" && format !== "prompted-nothink") {
    throw new InputError(
      `--format ${format}: the embedded policy writes prompted-think and -nothink`,
    );
  }
  const variant = format === "prompted-think" ? "think" : "nothink";
  const config = await readJsonObject(`${EMBEDDED_POLICY}/tokenizer_config.json`);
  return chatTemplateOf(promptedTemplate("document", variant), {
    file: `document/${variant}`,
    specialTokens: await readSpecialTokens(EMBEDDED_POLICY, config),
  });
}

/** Opens the embedded policy. */
export function embeddedText(): Promise<TextModel> {
  return localText(EMBEDDED_POLICY, { name: "embedded" });
}

/** Opens the embedded policy as a teacher: think, or nothink for `--thinking none`. */
export async function embeddedChat(): Promise<ChatModel> {
  const templates = {
    "prompted-think": await embeddedTemplate("prompted-think"),
    "prompted-nothink": await embeddedTemplate("prompted-nothink"),
  };
  return await localChat(EMBEDDED_POLICY, { name: "embedded", templates });
}

/** Opens the embedded reward model. */
export function embeddedReward(): Promise<RewardModel> {
  return localReward(EMBEDDED_REWARD, { name: "embedded" });
}
