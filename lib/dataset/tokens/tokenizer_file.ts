/** tokenizer.json without its vocabulary, which is most of it and which few questions need. */
import { join } from "node:path";
import { InputError, messageOf } from "../../core/errors.ts";
import { readAt } from "../../io/disk/read_at.ts";

/** What is read here of a tokenizer's settings; the rest is passed on as it is. */
export interface TokenizerSettings {
  added_tokens: unknown;
  normalizer: { type: string } | null;
  pre_tokenizer: { type: string; pretokenizers?: { type: string }[] } | null;
  model: { type?: string };
}

/** Where a tokenizer's folder has it. */
export function tokenizerFile(dir: string): string {
  return join(dir, "tokenizer.json");
}

/**
 * The settings beside the vocabulary.
 *
 * @throws {InputError} where the file cannot be read or is not JSON.
 */
export async function readTokenizerSettings(dir: string): Promise<TokenizerSettings> {
  const path = tokenizerFile(dir);
  try {
    const head = await readHead(path);
    const end = head.search(/,\s*"vocab"\s*:/);
    const cut = end < 0 ? null : settingsIn(`${head.slice(0, end)}}}`);
    // The library writes the vocabulary last; another program may not.
    if (cut !== null && FIELDS.every((field) => field in cut)) return cut;
    const whole = settingsIn(await Deno.readTextFile(path));
    if (whole !== null) return whole;
  } catch (error) {
    throw new InputError(`${path}: cannot be read: ${messageOf(error)}`);
  }
  throw new InputError(`${path}: not a tokenizer: not JSON`);
}

/** The file's beginning as text; its last character may be cut. */
async function readHead(path: string): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(Math.min(HEAD_BYTES, (await file.stat()).size));
  readAt(file, bytes, { offset: 0, path });
  return new TextDecoder().decode(bytes);
}

/** Room for thousands of added tokens, which stand before the vocabulary. */
const HEAD_BYTES = 1 << 20;
const FIELDS = ["added_tokens", "normalizer", "pre_tokenizer", "model"];

function settingsIn(json: string): TokenizerSettings | null {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** Whether the tokenizer is BPE over bytes, on text as it is or in Unicode's NFC. */
export function isByteLevel({ normalizer, pre_tokenizer, model }: TokenizerSettings): boolean {
  const steps = pre_tokenizer?.pretokenizers ?? [pre_tokenizer];
  return (normalizer === null || normalizer.type === "NFC") && model.type === "BPE" &&
    steps.some((step) => step?.type === "ByteLevel");
}
