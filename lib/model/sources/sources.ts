/** The one table of sources. A new one is a file beside the others and a line here. */
import { embedded } from "./embedded.ts";
import { gemini } from "./gemini.ts";
import { judge } from "./judge.ts";
import { local } from "./local.ts";
import { moduleFile } from "./module_file.ts";
import { openai } from "./openai.ts";
import { replay } from "./replay.ts";
import { rule } from "./rule.ts";
import { sglang } from "./sglang.ts";
import type { Port, Source } from "./source.ts";
import { tei } from "./tei.ts";
import { vllm } from "./vllm.ts";

/** Every source, in the order in which help names them. */
export const SOURCES: readonly Source[] = [
  embedded,
  local,
  openai,
  gemini,
  vllm,
  tei,
  sglang,
  replay,
  rule,
  judge,
  moduleFile,
];

/** A source's SPEC as help shows it: `local/DIR`. */
export function formOf({ provider, rest }: Source): string {
  return rest === undefined ? provider : `${provider}/${rest}`;
}

/** Whether a source has models for a port. */
export function isFor(source: Source, port: Port): boolean {
  return source[port] !== undefined || port === "policy" && source.policyByChat === true;
}

/** The SPECs that a port takes, for help and errors: `embedded, local/DIR, vllm/NAME`. */
export function formsOf(port: Port): string {
  return SOURCES.filter((source) => isFor(source, port)).map(formOf).join(", ");
}
