/** A target tokenizer: its chat template, which reply format it wants, and its exact token counts. */
import { Buffer } from "node:buffer";
import { basename, join, resolve } from "node:path";
import type { Tokenizer } from "tokenizers";
import { sha256 } from "../core/canonical.ts";
import { InputError, messageOf } from "../core/errors.ts";
import type { Format, Variant } from "../core/records.ts";
import { type ChatTemplate, loadChatTemplate } from "../reply/chat_template.ts";
import { directly } from "../reply/direct_render.ts";

/** A tokenizer's folder, opened for building datasets. */
export interface TargetTokenizer {
  name: string;
  dir: string;
  template: ChatTemplate;
  /** The variant of a prompted model's folder; null for ordinary chat tokenizers. */
  prompted: Variant | null;
  /** Hash over the files that affect a dataset. */
  fingerprint: string;
}

/** The files of a tokenizer's folder that rows and lengths depend on. */
const FILES = [
  "chat_template.jinja",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "tokenizer.json",
  "longcot_config.json",
];

/**
 * The date that templates are told for `strftime_now`: the one that Llama's templates fall back
 * to, so that equal runs give equal rows on any day.
 */
const TEMPLATE_DATE = new Date("2024-07-26T12:00:00Z");

/** `NAME=DIR`, or a folder alone, which names itself. */
export function parseTokenizerFlag(flag: string): { name: string; dir: string } {
  const at = flag.indexOf("=");
  const name = at < 0 ? basename(resolve(flag)) : flag.slice(0, at);
  const dir = at < 0 ? flag : flag.slice(at + 1);
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
    throw new InputError(`--tokenizer ${flag}: the name must be of letters, digits, . _ and -`);
  }
  if (dir === "") throw new InputError(`--tokenizer ${flag}: give NAME=DIR`);
  return { name, dir };
}

/** Opens a tokenizer's folder. Throws `InputError` where it lacks a chat template. */
export async function openTokenizer(
  { name, dir }: { name: string; dir: string },
): Promise<TargetTokenizer> {
  try {
    if (!(await Deno.stat(dir)).isDirectory) throw new InputError(`${dir}: not a folder`);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`--tokenizer ${dir}: no such folder`);
  }
  const template = directly(await loadChatTemplate(dir, { now: () => TEMPLATE_DATE }));
  const hashes: string[] = [];
  for (const file of FILES) {
    const bytes = await Deno.readFile(join(dir, file)).catch(() => null);
    hashes.push(bytes === null ? "-" : sha256(bytes));
  }
  return {
    name,
    dir,
    template,
    prompted: await promptedVariant(dir),
    fingerprint: sha256(hashes.join("\n")).slice(0, 16),
  };
}

/** The reply format of a tokenizer's datasets. Throws `InputError` where it is of the other variant. */
export function formatFor(tokenizer: TargetTokenizer, variant: Variant): Format {
  const { prompted, dir } = tokenizer;
  if (prompted === null) return variant === "think" ? "chat-think" : "chat";
  if (prompted !== variant) {
    throw new InputError(
      `${dir}: a prompted model's tokenizer of the variant ${prompted}: its template does not ` +
        `ask for ${variant} replies`,
    );
  }
  return `prompted-${variant}`;
}

async function promptedVariant(dir: string): Promise<Variant | null> {
  const path = join(dir, "longcot_config.json");
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new InputError(`${path}: cannot be read: ${messageOf(error)}`);
  }
  let marker: unknown;
  try {
    marker = JSON.parse(text)?.start_think_marker;
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${messageOf(error)}`);
  }
  if (typeof marker !== "string" && marker !== null) {
    throw new InputError(`${path}: start_think_marker: must be text`);
  }
  return marker ? "think" : "nothink";
}

/** Exact token counts of one tokenizer, in the official library's own code. */
export class TokenCounter {
  readonly #path: string;
  #tokenizer: Tokenizer | undefined;
  #bound: ((text: string) => number) | undefined;
  /** Texts whose tokens were counted; the others were short enough by their bytes. */
  counted = 0;

  constructor(dir: string) {
    this.#path = join(dir, "tokenizer.json");
  }

  /**
   * Whether a text has more than `max` tokens. Tokens are counted only where the bytes leave it
   * open: byte-level BPE gives at most one token a byte.
   */
  async exceeds(text: string, max: number, addSpecialTokens: boolean): Promise<boolean> {
    if ((await this.#boundOf())(text) <= max) return false;
    this.counted++;
    return (await this.ids(text, addSpecialTokens)).length > max;
  }

  /** Whether a text never has more tokens than UTF-8 bytes (in NFC, special tokens aside). */
  async countsBytesAtMost(): Promise<boolean> {
    return (await this.#boundOf())("") < Infinity;
  }

  /** The ids of a text. */
  async ids(text: string, addSpecialTokens = false): Promise<number[]> {
    const tokenizer = await this.#open();
    return (await tokenizer.encode(text, null, { addSpecialTokens })).getIds();
  }

  /** A number that no text's token count exceeds, special tokens that are added included. */
  async #boundOf(): Promise<(text: string) => number> {
    if (this.#bound !== undefined) return this.#bound;
    const settings = settingsOf(await this.#read());
    this.#bound = !isByteLevel(settings)
      ? () => Infinity
      : settings.normalizer === null
      ? (text) => utf8Length(text) + ADDED
      : (text) => utf8Length(text.normalize("NFC")) + ADDED;
    return this.#bound;
  }

  async #open(): Promise<Tokenizer> {
    if (this.#tokenizer === undefined) {
      const { default: tokenizers } = await import("tokenizers");
      try {
        this.#tokenizer = tokenizers.Tokenizer.fromString(await this.#read());
      } catch (error) {
        throw new InputError(`${this.#path}: not a tokenizer: ${messageOf(error)}`);
      }
    }
    return this.#tokenizer;
  }

  async #read(): Promise<string> {
    try {
      return await Deno.readTextFile(this.#path);
    } catch (error) {
      throw new InputError(`${this.#path}: cannot be read: ${messageOf(error)}`);
    }
  }
}

/** The special tokens that a post-processor may add to a text (BOS and EOS), with room. */
const ADDED = 4;

interface TokenizerSettings {
  normalizer: { type: string } | null;
  pre_tokenizer: { type: string; pretokenizers?: { type: string }[] } | null;
  model: { type?: string };
}

/** The settings without the vocabulary, which is most of the file and stands last in it. */
function settingsOf(text: string): TokenizerSettings {
  const end = text.search(/,\s*"vocab"\s*:/);
  try {
    return JSON.parse(end < 0 ? text : `${text.slice(0, end)}}}`);
  } catch {
    return JSON.parse(text);
  }
}

/** Whether the tokenizer is BPE over bytes, on text as it is or in Unicode's NFC. */
function isByteLevel({ normalizer, pre_tokenizer, model }: TokenizerSettings): boolean {
  const steps = pre_tokenizer?.pretokenizers ?? [pre_tokenizer];
  return (normalizer === null || normalizer.type === "NFC") && model.type === "BPE" &&
    steps.some((step) => step?.type === "ByteLevel");
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}
