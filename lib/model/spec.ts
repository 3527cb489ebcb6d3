/** Model SPECs: how a command line names a model and where it runs. */
import { didYouMean } from "../core/did_you_mean.ts";
import { InputError } from "../core/errors.ts";
import type { Port, Provider } from "./providers/provider.ts";
import { formOf, isFor, PROVIDERS } from "./providers/providers.ts";

/** A SPEC taken apart: `vllm/meta-llama/Llama-3.1-8B` is provider `vllm`, the rest its name. */
export interface Spec {
  /** Where it runs: a row of the table of providers. */
  provider: string;
  /** Model name, folder or file; empty for `embedded`. */
  name: string;
}

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
  const { name: provider, rest } = providerOf(spec);
  return { provider, name: rest === undefined ? "" : spec.slice(provider.length + 1) };
}

/**
 * The provider that a SPEC names. Throws `InputError` that lists the forms there are, those of a
 * port alone where one is given.
 */
export function providerOf(spec: string, port?: Port): Provider {
  const found = PROVIDERS.find(({ name, rest }) =>
    rest === undefined
      ? spec === name
      : spec.startsWith(`${name}/`) && spec.length > name.length + 1
  );
  if (found) return found;
  throw new InputError(`model ${JSON.stringify(spec)}: ${faultOf(spec, port)}`);
}

/** What is missing in a SPEC, and what it may have been meant to be. */
function faultOf(spec: string, port: Port | undefined): string {
  const fitting = PROVIDERS.filter((each) => port === undefined || isFor(each, port));
  const forms = fitting.map(formOf).join(", ");
  const slash = spec.indexOf("/");
  const before = slash < 0 ? spec : spec.slice(0, slash);
  if (PROVIDERS.some(({ name, rest }) => name === before && rest !== undefined)) {
    return `what stands behind ${before}/ is missing`;
  }
  const near = didYouMean(before, fitting.map(({ name }) => name));
  if (near !== "" || spec === "" || slash === 0) return `one of ${forms}${near}`;
  return `say where it runs: local/${spec} (its folder here) or vllm/${spec} (a server)? ` +
    `The forms are ${forms}`;
}
