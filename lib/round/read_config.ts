/** Reads the file of `round`. */
import { extname } from "node:path";
import { InputError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";
import { readText } from "../io/disk/bytes.ts";
import { RoundConfig } from "./round_options.ts";

/** What a command line may have put in. */
export const PLACES = ["model", "reference", "dataset", "trained", "out", "round", "seed"] as const;

/** @throws {InputError} in one line that names the file, the field and the rule. */
export async function readRoundConfig(file: string): Promise<RoundConfig> {
  const text = await readText(file);
  let given: unknown;
  try {
    given = extname(file) === ".json" ? JSON.parse(text) : (await import("yaml")).parse(text);
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message.split("\n")[0]}`);
  }
  try {
    const config = parseOptions(RoundConfig, given);
    check(config);
    return config;
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${file}: ${error.message}`) : error;
  }
}

function check({ train, export: exporting, pool, history }: RoundConfig): void {
  if (pool && history === "replace") {
    throw new InputError("pool: needs the replies of earlier rounds: history: keep");
  }
  const known = new Set<string>(PLACES);
  for (const [field, words] of [["train", train], ["export", exporting ?? []]] as const) {
    for (const [, name] of words.join(" ").matchAll(/\{(\w+)\}/g)) {
      if (!known.has(name!)) {
        throw new InputError(
          `${field}: {${name}} is none of ${[...known].map((one) => `{${one}}`).join(", ")}`,
        );
      }
    }
  }
  if (!train.some((word) => word.includes("{out}"))) {
    throw new InputError("train: {out} does not stand in it: where would the new model be?");
  }
}

/** A command line with the names in braces put in. */
export function filled(words: readonly string[], values: Record<string, string>): string[] {
  return words.map((word) => word.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole));
}
