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
    tags: ["sft", variant],
    settings: [
      ["variant", variant],
      ["reply format", format],
      ["tokenizer", tokenizer.name],
      ["thought in", placeWords(target)],
      ...(options.compat ? [["columns as", options.compat] as [string, string]] : []),
    ],
  };
}

/** Where trainers find the thought, and what they need not be told. */
function placeWords({ form: { place, variables }, variant }: SftTarget): string {
  const where = variant === "nothink"
    ? "no message"
    : place === "inline"
    ? "the content, between tags"
    : `the key ${place} of messages`;
  return "enable_thinking" in variables
    ? `${where}; chat_template_kwargs and enable_thinking set the template's switch`
    : where;
}
