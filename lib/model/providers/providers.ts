/** The one table of providers. A new one is a file beside the others and a line here. */
import { embedded } from "./embedded.ts";
import { gemini } from "./gemini.ts";
import { judge } from "./judge.ts";
import { local } from "./local.ts";
import { moduleFile } from "./module_file.ts";
import { openai } from "./openai.ts";
import { replay } from "./replay.ts";
import { rule } from "./rule.ts";
import { sglang } from "./sglang.ts";
import type { Port, Provider } from "./provider.ts";
import { tei } from "./tei.ts";
import { vllm } from "./vllm.ts";

/** Every provider, in the order in which help names them. */
export const PROVIDERS: readonly Provider[] = [
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

/** A provider's SPEC as help shows it: `local/DIR`. */
export function formOf({ name, rest }: Provider): string {
  return rest === undefined ? name : `${name}/${rest}`;
}

/** Whether a provider has models for a port. */
export function isFor(provider: Provider, port: Port): boolean {
  return provider[port] !== undefined || port === "policy" && provider.policyByChat === true;
}

/** The SPECs that a port takes, for help and errors: `embedded, local/DIR, vllm/NAME`. */
export function formsOf(port: Port): string {
  return PROVIDERS.filter((provider) => isFor(provider, port)).map(formOf).join(", ");
}
