/** Model SPECs: how a command line names a model and where it runs. */
import { didYouMean } from "../core/did_you_mean.ts";
import { InputError } from "../core/errors.ts";

/** Where a model runs. */
export type Provider =
  | "embedded"
  | "local"
  | "openai"
  | "gemini"
  | "vllm"
  | "tei"
  | "sglang"
  | "replay";

/** A SPEC taken apart: `vllm/meta-llama/Llama-3.1-8B` is provider `vllm`, the rest its name. */
export interface Spec {
  provider: Provider;
  /** Model name, folder or file; empty for `embedded`. */
  name: string;
}

const named: readonly Provider[] = [
  "local",
  "openai",
  "gemini",
  "vllm",
  "tei",
  "sglang",
  "replay",
];

/**
 * Reads a SPEC. Throws `InputError` that lists the forms there are.
 *
 * @example
 * ```ts
 * import { parseSpec } from "thinkset/models";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseSpec("local/models/policy"), { provider: "local", name: "models/policy" });
 * ```
 */
export function parseSpec(spec: string): Spec {
  if (spec === "embedded") return { provider: "embedded", name: "" };
  const slash = spec.indexOf("/");
  const provider = named.find((each) => each === spec.slice(0, slash));
  const name = spec.slice(slash + 1);
  if (slash > 0 && provider && name) return { provider, name };
  throw new InputError(`model ${JSON.stringify(spec)}: ${faultOf(spec, slash)}`);
}

/** What is missing in a SPEC, and what it may have been meant to be. */
function faultOf(spec: string, slash: number): string {
  const forms = ["embedded", ...named.map((each) => `${each}/…`)].join(", ");
  const before = slash < 0 ? spec : spec.slice(0, slash);
  if (named.some((each) => each === before)) return `what stands behind ${before}/ is missing`;
  const near = didYouMean(before, ["embedded", ...named]);
  if (near !== "" || spec === "" || slash === 0) return `one of ${forms}${near}`;
  return `say where it runs: local/${spec} (its folder here) or vllm/${spec} (a server)? ` +
    `The forms are ${forms}`;
}
