/**
 * ms-swift 4.6: rows of messages through `Template._swift_encode` with its own template
 * (swift/template/base.py), for `swift sft` and `swift rlhf --rlhf_type dpo`. Rows over
 * `max_length` are dropped.
 */
import { z } from "zod";
import { ofPlainChats } from "../plain_chat.ts";
import { settingsOf } from "../trainer_settings.ts";
import { sequencesOf, type Trainer } from "../trainer.ts";
import { encodedChat, type SwiftSetup } from "./ms_swift_rows.ts";
import { fittingTemplate, SWIFT_TEMPLATES, swiftTemplate } from "./ms_swift_templates.ts";

/** By the names of its command line (swift/arguments/base_args/template_args.py). */
const SwiftSettings = z.object({
  template: z.enum(SWIFT_TEMPLATES).optional(),
  loss_scale: z.enum(["default", "last_round", "all"]).optional(),
  add_non_thinking_prefix: z.stringbool().default(true),
  preserve_thinking: z.stringbool().optional(),
  disable_ignore_empty_think: z.stringbool().default(false),
  truncation_strategy: z.enum(["delete", "left", "right"]).default("delete"),
});

export const msSwift: Trainer = {
  name: "ms-swift",
  version: "4.6",
  maxLength: null,
  sftConfig: "default",
  settings: SwiftSettings,
  open(tokenizer, { maxLength, set }) {
    const settings = settingsOf("ms-swift", SwiftSettings, set);
    const name = settings.template ?? fittingTemplate(tokenizer);
    const template = swiftTemplate(name);
    const setup = (loss: "default" | "last_round"): SwiftSetup => ({
      template,
      loss: settings.loss_scale ?? loss,
      addsPrefix: settings.add_non_thinking_prefix,
      keepsThoughts: settings.preserve_thinking,
      // Both kinds of thinking in one template: the empty thought is masked.
      masksEmpty: template.thinks && template.nonThinkingPrefix !== "" &&
        !settings.disable_ignore_empty_think,
      cut: settings.truncation_strategy,
      maxLength: maxLength ?? Infinity,
      tokenizer,
    });
    const supervised = setup("default"), pairs = setup("last_round");
    return {
      template: name,
      reading: { keys: new Set(), tagsAreText: name === "gpt_oss" },
      render: (row) => {
        const setup = row.kind === "pair" ? pairs : supervised;
        return ofPlainChats(
          row,
          (chats) =>
            sequencesOf(...chats.map((chat) => encodedChat(chat, setup, row.templateVariables))),
        );
      },
    };
  },
};
