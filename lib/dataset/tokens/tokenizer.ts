/** A target tokenizer: its folder, its chat template, and which reply format it wants. */
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { sha256 } from "../../core/canonical.ts";
import { defaultContext, type StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import type { Format, Variant } from "../../core/records.ts";
import type { ModelIdentity } from "../../core/manifest.ts";
import { hashFile } from "../../io/disk/hash_file.ts";
import { readJsonFile } from "../../io/disk/json_file.ts";
import { hubRevision, resolveFolder, tokenizerFiles } from "../../io/hub/hub_model.ts";
import { type ChatTemplate, loadChatTemplate } from "../../reply/chat_template.ts";
import { hasThought } from "../../reply/format.ts";

/** A tokenizer's folder, opened for building datasets. */
export interface TargetTokenizer {
  name: string;
  dir: string;
  template: ChatTemplate;
  /** The variant of a prompted model's folder; null for ordinary chat tokenizers. */
  prompted: Variant | null;
  /** Hash over the files that affect a dataset. */
  fingerprint: string;
  /** As the manifest tells of it. */
  identity: ModelIdentity;
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
export const TEMPLATE_DATE = new Date("2024-07-26T12:00:00Z");

/** `NAME=DIR`, or a folder or hf/OWNER/NAME alone, which names itself. */
export function parseTokenizerFlag(flag: string): { name: string; dir: string } {
  const at = flag.indexOf("=");
  const name = at < 0 ? basename(resolve(flag)).replace(/@.*$/, "") : flag.slice(0, at);
  const dir = at < 0 ? flag : flag.slice(at + 1);
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
    throw new InputError(`--tokenizer ${flag}: the name must be of letters, digits, . _ and -`);
  }
  if (dir === "") throw new InputError(`--tokenizer ${flag}: give NAME=DIR`);
  return { name, dir };
}

/**
 * Opens a tokenizer: a folder, or hf/OWNER/NAME on the Hub, which a task without network takes from
 * the cache. Throws `InputError` where it is not there, or lacks a chat template.
 */
export async function openTokenizer(
  { name, dir: given }: { name: string; dir: string },
  overrides: Partial<StageContext> = {},
): Promise<TargetTokenizer> {
  const dir = await resolveFolder(given, defaultContext(overrides), tokenizerFiles)
    .catch((error) => {
      throw error instanceof InputError ? new InputError(`--tokenizer ${error.message}`) : error;
    });
  const template = await loadChatTemplate(dir, { now: () => TEMPLATE_DATE });
  const hashes: string[] = [];
  for (const file of FILES) {
    hashes.push(await hashFile(join(dir, file)).catch(() => "-"));
  }
  const fingerprint = sha256(hashes.join("\n")).slice(0, 16), revision = hubRevision(dir);
  return {
    name,
    dir,
    template,
    prompted: promptedVariant(dir),
    fingerprint,
    identity: { name: given, version: fingerprint, ...(revision ? { revision } : {}) },
  };
}

/** The reply format of a tokenizer's datasets. Throws `InputError` where it is of the other variant. */
export function formatFor(tokenizer: TargetTokenizer, variant: Variant): Format {
  if (tokenizer.prompted === null) return variant === "think" ? "chat-think" : "chat";
  const format: Format = `prompted-${variant}`;
  checkVariant(tokenizer, format);
  return format;
}

/** Throws `InputError` where replies of a prompted format are not what the tokenizer's template asks for. */
export function checkVariant(
  { prompted, dir }: Pick<TargetTokenizer, "prompted" | "dir">,
  format: Format,
): void {
  if (prompted === null || !format.startsWith("prompted-")) return;
  if (format === `prompted-${prompted}`) return;
  throw new InputError(
    `${dir}: a prompted model's tokenizer of the variant ${prompted}: its template does not ` +
      `ask for ${hasThought(format) ? "think" : "nothink"} replies`,
  );
}

function promptedVariant(dir: string): Variant | null {
  const config = readJsonFile(join(dir, "longcot_config.json"), PromptedConfig);
  if (config === undefined) return null;
  return config.start_think_marker ? "think" : "nothink";
}

const PromptedConfig = z.object({ start_think_marker: z.string().nullable() });
