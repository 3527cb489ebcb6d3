/** What a DPO dataset's card tells of how it was made. */
import type { Format } from "../../core/records.ts";
import { hasThought } from "../../reply/format.ts";
import type { CardFacts } from "../build/card.ts";
import { CONTROLS } from "./pair_rules.ts";
import type { DpoSettings } from "./dpo_options.ts";

/** What the pairs of a control are. */
const CONTROL = {
  random: "A control, no preferences: prompts with two of a policy's replies drawn at random, " +
    "whatever their scores. What a training run on it gains is not due to the reward.",
  flipped:
    "A control, preferences the wrong way round: `chosen` is the reply that a reward model " +
    "scored lowest, `rejected` the one that it scored highest.",
} as const;

export function dpoCard(options: DpoSettings, format: Format): CardFacts {
  const isControl = CONTROLS.includes(options.strategy);
  const settings: [string, string][] = [
    ["reply format", format],
    ["strategy", isControl ? `${options.strategy} (a control)` : options.strategy],
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
  if (options.pairModels !== "any") settings.push(["models of a pair", options.pairModels]);
  if (options.rejectMalformed) settings.push(["malformed replies", "may be rejected"]);
  if (options.decisions !== undefined) settings.push(["decided by hand", "some prompts or pairs"]);
  if (options.compat) settings.push(["columns as", options.compat]);
  return {
    title: "Preference pairs",
    about: isControl
      ? CONTROL[options.strategy as keyof typeof CONTROL]
      : options.compat
      ? "Prompts with a policy's best and worst reply by a reward model: `prompt` is text, " +
        "`chosen` and `rejected` are whole chats."
      : "Prompts with two of a policy's replies, the chosen one scored higher by a reward model " +
        "that saw the answers alone. `chosen` and `rejected` hold the assistant turn.",
    tags: ["dpo", hasThought(format) ? "think" : "nothink", ...(isControl ? ["control"] : [])],
    settings,
  };
}
