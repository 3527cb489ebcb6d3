/** A tokenizer folder's chat template, found and rendered as transformers does it in Python. */
import { join } from "node:path";
import { InputError, messageOf } from "../core/errors.ts";
import { compileJinja } from "./jinja/template.ts";
import type { ChatMessage } from "./turn_parts.ts";

/** A chat template that was read from a folder. */
export interface ChatTemplate {
  /** The template itself, in Jinja. */
  readonly text: string;
  /** The file it came from. */
  readonly file: string;
  /** The tokens that templates know by name: `bos_token`, `eos_token`, `pad_token` and so on. */
  readonly specialTokens: Readonly<Record<string, string>>;
  /** The token that begins a text; null where there is none. */
  readonly bosToken: string | null;
  /** The token that ends a turn; null where there is none. */
  readonly eosToken: string | null;
  /**
   * The messages as text, equal to Python's `apply_chat_template(messages, tokenize=False)`.
   *
   * The text holds its BOS where the template writes one, so tokenize it without adding special
   * tokens: then there is exactly one. `variables` are the template's own, as `enable_thinking`.
   * `tools` are those that the prompt offers. Throws `InputError` where the template refuses the
   * messages, passes a limit, or knows nothing of tools that are there.
   */
  render(
    messages: readonly ChatMessage[],
    options: {
      addGenerationPrompt: boolean;
      variables?: Record<string, unknown>;
      tools?: readonly unknown[];
    },
  ): string;
}

/** How a chat template is loaded. */
export interface LoadChatTemplateOptions {
  /** The time that a template's `strftime_now` tells. Default: the time of each rendering. */
  now?: () => Date;
}

/** The file that holds a folder's chat template and wins over the one in tokenizer_config.json. */
export const CHAT_TEMPLATE_FILE = "chat_template.jinja";
/** The tokenizer's settings, with its special tokens and, in older folders, its chat template. */
export const TOKENIZER_CONFIG_FILE = "tokenizer_config.json";
/** The special tokens once more; read where tokenizer_config.json has no `added_tokens_decoder`. */
export const SPECIAL_TOKENS_FILE = "special_tokens_map.json";

/**
 * Reads the chat template and the special tokens of a tokenizer folder.
 *
 * The template is `chat_template.jinja`, else `chat_template` in `tokenizer_config.json` (of a list
 * of named templates the one named `default`). Throws `InputError` where there is none, or a file
 * is broken.
 *
 * @example
 * ```ts
 * import { loadChatTemplate } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await Deno.writeTextFile(
 *   `${dir}/tokenizer_config.json`,
 *   JSON.stringify({ bos_token: "<s>", chat_template: "{{ bos_token + messages[0].content | trim }}" }),
 * );
 * const template = await loadChatTemplate(dir);
 * const text = template.render([{ role: "user", content: " Hi " }], { addGenerationPrompt: true });
 * assert.equal(text, "<s>Hi");
 * await Deno.remove(dir, { recursive: true });
 * ```
 */
export async function loadChatTemplate(
  dir: string,
  options: LoadChatTemplateOptions = {},
): Promise<ChatTemplate> {
  const configFile = join(dir, TOKENIZER_CONFIG_FILE);
  const config = await readJsonObject(configFile);
  const specialTokens = await readSpecialTokens(dir, config);
  const jinjaFile = join(dir, CHAT_TEMPLATE_FILE);
  const ownFile = await readTextIfThere(jinjaFile);
  const text = ownFile ?? templateIn(config?.chat_template, configFile);
  if (text === null) {
    const missing = config === null ? `, and no ${TOKENIZER_CONFIG_FILE}` : "";
    throw new InputError(
      `${dir}: no chat template (no ${CHAT_TEMPLATE_FILE}${missing}): create-prompted-model gives ` +
        `a base model one, or name the folder of a tokenizer that has one`,
    );
  }
  const file = ownFile === null ? configFile : jinjaFile;
  return chatTemplateOf(text, { file, specialTokens, ...options });
}

/** A chat template from its text and special tokens; `file` names it in messages. */
export function chatTemplateOf(
  text: string,
  options: LoadChatTemplateOptions & { file: string; specialTokens: Record<string, string> },
): ChatTemplate {
  const { file, specialTokens } = options;
  const template = compileJinja(text, `chat template in ${file}`, {
    now: options.now,
    variables: { ...specialTokens, tools: null, documents: null },
  });
  return {
    text,
    file,
    specialTokens,
    bosToken: specialTokens.bos_token ?? null,
    eosToken: specialTokens.eos_token ?? null,
    render(messages, { addGenerationPrompt, variables, tools }) {
      const lost = unknownTools(text, messages, tools);
      if (lost !== null) {
        throw new InputError(`chat template in ${file}: it does not write ${lost}`);
      }
      const own = { messages, add_generation_prompt: addGenerationPrompt };
      return template({ ...variables, ...own, ...(tools === undefined ? {} : { tools }) });
    },
  };
}

/** What a template would leave out without a word, for it does not know of it; null for nothing. */
function unknownTools(
  template: string,
  messages: readonly ChatMessage[],
  tools: readonly unknown[] | undefined,
): string | null {
  if (tools !== undefined && !template.includes("tools")) return "tools";
  const called = messages.some(({ tool_calls }) => tool_calls !== undefined && tool_calls !== null);
  if (called && !template.includes("tool_calls")) return "calls of tools";
  return null;
}

function templateIn(value: unknown, file: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    for (const entry of value) {
      if (entry?.name === "default" && typeof entry.template === "string") return entry.template;
    }
    throw new InputError(`${file}: "chat_template" is a list without one named "default"`);
  }
  throw new InputError(`${file}: "chat_template" must be text or a list of named templates`);
}

/** The special tokens of a tokenizer folder by name, as templates know them. */
export async function readSpecialTokens(
  dir: string,
  config: Record<string, unknown> | null,
): Promise<Record<string, string>> {
  const sources = [config ?? {}];
  if (config?.added_tokens_decoder === undefined) {
    sources.push(await readJsonObject(join(dir, SPECIAL_TOKENS_FILE)) ?? {});
  }
  const tokens: Record<string, string> = {};
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) {
      if (!name.endsWith("_token")) continue;
      const content = tokenText(value);
      if (content !== null) tokens[name] = content;
      else if (value === null) delete tokens[name];
    }
  }
  return tokens;
}

/** A special token's text: it is written as text, or as an object with its settings. */
export function tokenText(value: unknown): string | null {
  if (typeof value === "string") return value;
  const content = (value as { content?: unknown } | null)?.content;
  return typeof content === "string" ? content : null;
}

/** A JSON file that holds an object, or null where there is no such file. Throws `InputError`. */
export async function readJsonObject(file: string): Promise<Record<string, unknown> | null> {
  const text = await readTextIfThere(file);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: not JSON: ${messageOf(error)}`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new InputError(`${file}: must hold a JSON object`);
  }
  return value as Record<string, unknown>;
}

/** A file's text, or null where there is no such file. Throws `InputError`. */
export async function readTextIfThere(file: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new InputError(`${file}: cannot be read: ${messageOf(error)}`);
  }
}
