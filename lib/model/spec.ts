/** Model SPECs: how a command line names a model and where it runs. */
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
 * import { parseSpec } from "thinkset";
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
  throw new InputError(
    `model ${JSON.stringify(spec)}: give embedded, ${named.map((each) => `${each}/…`).join(", ")}`,
  );
}
