/**
 * Chat templates of LLaMA-Factory 0.9, which trains on its own by name and not on the tokenizer's
 * (src/llamafactory/data/template.py).
 */
import { InputError, messageOf } from "../../core/errors.ts";
import type { ChatMessage } from "../../reply/turn_parts.ts";
import type { TrainingTokenizer } from "../trainer.ts";

/** Texts around a chat's parts; `{{content}}` is where the part stands. */
export interface LlamaFactoryTemplate {
  prefix: string;
  system: string;
  user: string;
  assistant: string;
  defaultSystem: string;
  /** What opens and closes a thought, in templates that add an empty one. */
  thought: readonly [string, string] | null;
  /** Whether replies end with the tokenizer's EOS alone, and only the last of a chat has its own. */
  efficientEos: boolean;
  /** The token that ends a turn. */
  stop: string | null;
}

const BOS = "{{bos}}";
const THINK = ["<think>\n", "\n</think>\n\n"] as const;

const chatml: LlamaFactoryTemplate = {
  prefix: "",
  system: "<|im_start|>system\n{{content}}<|im_end|>\n",
  user: "<|im_start|>user\n{{content}}<|im_end|>\n<|im_start|>assistant\n",
  assistant: "{{content}}<|im_end|>\n",
  defaultSystem: "",
  thought: null,
  efficientEos: false,
  stop: "<|im_end|>",
};

const named = {
  chatml,
  llama3: {
    ...chatml,
    prefix: BOS,
    system: "<|start_header_id|>system<|end_header_id|>\n\n{{content}}<|eot_id|>",
    user: "<|start_header_id|>user<|end_header_id|>\n\n{{content}}<|eot_id|>" +
      "<|start_header_id|>assistant<|end_header_id|>\n\n",
    assistant: "{{content}}<|eot_id|>",
    stop: "<|eot_id|>",
  },
  qwen: {
    ...chatml,
    defaultSystem: "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
  },
  qwen3: { ...chatml, thought: THINK },
  qwen3_nothink: chatml,
  qwen3_5: { ...chatml, thought: THINK },
  qwen3_5_nothink: chatml,
  gpt_oss: {
    prefix: "",
    system: "<|start|>system<|message|>{{content}}<|end|>",
    user: "<|start|>user<|message|>{{content}}<|end|><|start|>assistant",
    assistant: "{{content}}",
    defaultSystem: "You are ChatGPT, a large language model trained by OpenAI.",
    thought: [
      "<|channel|>analysis<|message|>",
      "<|end|><|start|>assistant<|channel|>final<|message|>",
    ],
    efficientEos: true,
    stop: null,
  },
} as const satisfies Record<string, LlamaFactoryTemplate>;

/** The names that `--set template=` takes. */
export const LLAMA_FACTORY_TEMPLATES = Object.keys(named) as (keyof typeof named)[];

/** A template by its name. Throws `InputError` where the tokenizer lacks what ends its turns. */
export async function namedTemplate(
  name: keyof typeof named,
  { template: { bosToken }, ids }: TrainingTokenizer,
): Promise<LlamaFactoryTemplate> {
  const { prefix, ...rest } = named[name];
  if (rest.stop !== null && (await ids(rest.stop)).length !== 1) {
    throw new InputError(
      `--set template=${name}: it ends turns with ${rest.stop}, which is no token of this ` +
        "tokenizer: LLaMA-Factory would add it, untrained",
    );
  }
  return { ...rest, prefix: prefix === BOS ? bosToken ?? "" : prefix };
}

/**
 * The template that LLaMA-Factory reads out of the tokenizer's own where the configuration names
 * none (`parse_template`). Throws `InputError` where it ends with an error.
 */
export function parsedTemplate(
  { template, addsBos }: TrainingTokenizer,
): LlamaFactoryTemplate {
  const prefix = addsBos ? template.bosToken ?? "" : "";
  const render = (turns: ChatMessage[], addGenerationPrompt: boolean) => {
    try {
      return template.render(turns, { addGenerationPrompt }).slice(prefix.length);
    } catch (error) {
      throw unparsed(messageOf(error));
    }
  };
  const turn = (role: string, content: string) => ({ role, content });
  const system = render([turn("system", HOLE)], false);
  const afterSystem = render([turn("system", ""), turn("user", HOLE)], true);
  let user = render([turn("user", HOLE)], true);
  const reply = render([turn("user", HOLE), turn("assistant", HOLE)], false).slice(user.length);
  let defaultSystem = "";
  if (user.length > afterSystem.length) {
    defaultSystem = whatIsMore(afterSystem, user);
    user = user.slice(filled(system, defaultSystem).length);
  }
  const assistant = reply.replaceAll(/<\/?think>/g, "").replace(/^\n+/, "");
  for (const slot of [system, user, assistant]) {
    if (!slot.includes(HOLE)) throw unparsed("a part without a place for what is said");
  }
  const thought = reply.includes("<think>") ? THINK : null;
  const rest = { defaultSystem, thought, efficientEos: false, stop: null };
  return { prefix, system, user, assistant, ...rest };
}

const HOLE = "{{content}}";

function unparsed(why: string): InputError {
  return new InputError(
    `LLaMA-Factory reads no template out of this tokenizer's (${why}): name one, as ` +
      `--set template=${LLAMA_FACTORY_TEMPLATES.join("|")}`,
  );
}

/** The letters of the longer text that the shorter does not have at their place. */
function whatIsMore(shorter: string, longer: string): string {
  let at = 0, more = "";
  for (const letter of longer) {
    if (at >= shorter.length) break;
    if (letter === shorter[at]) at++;
    else more += letter;
  }
  return more;
}

/** A part's text with what is said. */
export function filled(slot: string, content: string): string {
  return slot.replace(HOLE, () => content);
}
