/** What a DPO dataset's card tells of how it was made. */
import type { Format } from "../../core/records.ts";
import { hasThought } from "../../reply/format.ts";
import type { CardFacts } from "../build/card.ts";
import type { BuildDpoOptions } from "./dpo_options.ts";

export function dpoCard(options: BuildDpoOptions, format: Format): CardFacts {
  const settings: [string, string][] = [
    ["reply format", format],
    ["strategy", options.strategy],
    ["scored replies a prompt, at least", String(options.minResponses)],
    ["tokens a side, at most", String(options.maxLength)],
    ["share of prompts in train", String(options.trainSplit)],
    ["score", options.score],
  ];
  if (options.strategy === "top-k-pairs") settings.push(["pairs a prompt", String(options.pairs)]);
  if (options.threshold !== undefined) settings.push(["threshold", String(options.threshold)]);
  if (options.minMargin !== undefined) settings.push(["margin, at least", `${options.minMargin}`]);
  if (options.maxLengthRatio !== undefined) {
    settings.push(["length ratio, at most", String(options.maxLengthRatio)]);
  }
  if (options.lengthMatched) settings.push(["length matched", "yes"]);
  if (options.compat) settings.push(["columns as", options.compat]);
  return {
    title: "Preference pairs",
    about: options.compat
      ? "Prompts with a policy's best and worst reply by a reward model: `prompt` is text, " +
        "`chosen` and `rejected` are whole chats."
      : "Prompts with two of a policy's replies, the chosen one scored higher by a reward model " +
        "that saw the answers alone. `chosen` and `rejected` hold the assistant turn.",
    license: options.license,
    tags: ["dpo", hasThought(format) ? "think" : "nothink"],
    settings,
  };
}
