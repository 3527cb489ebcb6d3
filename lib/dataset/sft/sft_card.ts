/** What an SFT dataset's card tells of how it was made. */
import type { CardFacts } from "../build/card.ts";
import type { SftSettings } from "./sft_options.ts";
import type { SftTarget } from "./sft_target.ts";

export function sftCard(target: SftTarget, options: SftSettings): CardFacts {
  const { tokenizer, format, variant } = target;
  return {
    title: `SFT data, ${variant}`,
    about: variant === "think"
      ? "Prompts with a teacher's thought and answer. `text` is the chat by the tokenizer's own " +
        "chat template; `prompt_completion` has the same rows as prompt and completion."
      : "Prompts with a teacher's answer, without its thought. `text` is the chat by the " +
        "tokenizer's own chat template; `prompt_completion` has the same rows as prompt and " +
        "completion.",
    license: options.license,
    tags: ["sft", variant],
    settings: [
      ["variant", variant],
      ["reply format", format],
      ["tokenizer", tokenizer.name],
      ...(options.compat ? [["columns as", options.compat] as [string, string]] : []),
    ],
  };
}
