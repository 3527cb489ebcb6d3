/**
 * Chat templates of ms-swift 4.6, which trains on its own by name and not on the tokenizer's
 * (swift/template/templates/qwen.py, llama.py, llm.py).
 */
import { InputError } from "../../core/errors.ts";
import { TEMPLATE_DATE } from "../../dataset/tokens/tokenizer.ts";
import type { PlainChat } from "../plain_chat.ts";
import type { TrainingTokenizer } from "../trainer.ts";

/** Texts around a chat's parts. */
export interface SwiftTemplate {
  /** Before everything, without a system prompt and with one. */
  prefix: string;
  systemPrefix: (system: string) => string;
  prompt: (query: string) => string;
  /** After a reply that another turn follows, and after the last. */
  separator: string;
  suffix: string;
  defaultSystem: string | null;
  /** Whether a tokenizer's BOS is put before the text. */
  addsBos: boolean;
  /** Whether models of the template think: thoughts of earlier turns may be dropped. */
  thinks: boolean;
  /** Put before replies that do not begin with a thought. */
  nonThinkingPrefix: string;
  /** How the chat is changed before all else. */
  prepare?: (chat: PlainChat) => PlainChat;
}

const chatml: SwiftTemplate = {
  prefix: "",
  systemPrefix: (system) => `<|im_start|>system\n${system}<|im_end|>\n`,
  prompt: (query) => `<|im_start|>user\n${query}<|im_end|>\n<|im_start|>assistant\n`,
  separator: "<|im_end|>\n",
  suffix: "<|im_end|>\n",
  defaultSystem: null,
  addsBos: true,
  thinks: false,
  nonThinkingPrefix: "",
};
const qwen: SwiftTemplate = { ...chatml, addsBos: false };
const NO_THOUGHT = "<think>\n\n</think>\n\n";

const llamaHead = (role: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
const llama3: SwiftTemplate = {
  ...chatml,
  prefix: "<|begin_of_text|>",
  systemPrefix: (system) => `<|begin_of_text|>${llamaHead("system")}${system}<|eot_id|>`,
  prompt: (query) => `${llamaHead("user")}${query}<|eot_id|>${llamaHead("assistant")}`,
  separator: "<|eot_id|>",
  suffix: "<|eot_id|>",
  addsBos: false,
};
const llamaDated = (system: string) =>
  llama3.systemPrefix(
    "Cutting Knowledge Date: December 2023\nToday Date: " +
      `${TEMPLATE_DATE.toUTCString().slice(5, 16)}\n\n${system}`,
  );

const harmonyHead =
  "<|start|>system<|message|>You are ChatGPT, a large language model trained by " +
  "OpenAI.\nKnowledge cutoff: 2024-06\nCurrent date: " +
  `${TEMPLATE_DATE.toISOString().slice(0, 10)}\n\nReasoning: medium\n\n# Valid channels: ` +
  "analysis, commentary, final. Channel must be included for every message.<|end|>";

const named = {
  chatml,
  llama3,
  llama3_2: { ...llama3, prefix: llamaDated(""), systemPrefix: llamaDated },
  qwen: { ...qwen, defaultSystem: "You are a helpful assistant." },
  qwen2_5: {
    ...qwen,
    defaultSystem: "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
  },
  qwen3: { ...qwen, thinks: true, nonThinkingPrefix: NO_THOUGHT },
  qwen3_thinking: { ...qwen, thinks: true },
  qwen3_nothinking: qwen,
  qwen3_5: { ...qwen, thinks: true, nonThinkingPrefix: NO_THOUGHT, prepare: trimmed },
  gpt_oss: {
    ...chatml,
    systemPrefix: (system) => system,
    prompt: (query) => `<|start|>user<|message|>${query}<|end|><|start|>assistant`,
    separator: "<|end|>",
    suffix: "<|return|>",
    addsBos: false,
    prepare: inChannels,
  },
} as const satisfies Record<string, SwiftTemplate>;

export type SwiftTemplateName = keyof typeof named;
/** The names that `--set template=` takes. */
export const SWIFT_TEMPLATES = Object.keys(named) as SwiftTemplateName[];

export function swiftTemplate(name: SwiftTemplateName): SwiftTemplate {
  return named[name];
}

/** Which template fits, by what the tokenizer's own writes. ms-swift goes by the model's name. */
export function fittingTemplate({ template: { text } }: TrainingTokenizer): SwiftTemplateName {
  if (text.includes("<|channel|>")) return "gpt_oss";
  if (text.includes("<|start_header_id|>")) {
    return text.includes("Cutting Knowledge Date") ? "llama3_2" : "llama3";
  }
  if (text.includes("<|im_start|>")) {
    if (text.includes("<function=")) return "qwen3_5";
    if (text.includes("enable_thinking")) return "qwen3";
    if (text.includes("think>")) return "qwen3_thinking";
    return text.includes("You are Qwen") ? "qwen2_5" : "chatml";
  }
  throw new InputError(
    "ms-swift trains on a template of its own, and none is known that fits this tokenizer's: " +
      `name one, as --set template=${SWIFT_TEMPLATES.join("|")}`,
  );
}

/** Qwen 3.5's: all parts trimmed, and a thought between its tags with the breaks that it has there. */
function trimmed({ system, contents }: PlainChat): PlainChat {
  return {
    system: system?.trim() ?? null,
    contents: contents.map((content, index) => {
      const text = content.trim();
      const close = text.indexOf("</think>");
      if (index % 2 === 0 || close < 0 || !text.includes("<think>")) return text;
      const thought = text.slice(0, close).split("<think>").at(-1)!.trim();
      const rest = text.slice(close + "</think>".length).replace(/^\n+/, "");
      return `<think>\n${thought}\n</think>\n\n${rest}`;
    }),
  };
}

/** Harmony's: its own system prompt, and replies in a channel. */
function inChannels({ system, contents }: PlainChat): PlainChat {
  const given = system === null
    ? harmonyHead
    : system.startsWith("<|start|>")
    ? system
    : `${harmonyHead}<|start|>developer<|message|># Instructions\n\n${system}<|end|>`;
  return {
    system: given,
    contents: contents.map((content, index) =>
      index % 2 === 0 || content.startsWith("<|channel|>")
        ? content
        : `<|channel|>final<|message|>${content}`
    ),
  };
}
