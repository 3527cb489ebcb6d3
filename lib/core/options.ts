/** Options of a stage as a zod schema has them, checked in one place for calls and command lines. */
import type { z } from "zod";
import { didYouMean } from "./did_you_mean.ts";
import { InputError } from "./errors.ts";
import { ruleWords } from "./rule_words.ts";

/**
 * A schema whose fields are options: `maxTokens` in a call, `--max-tokens` on a command line.
 *
 * @internal
 */
export type OptionsSchema = z.ZodObject<z.ZodRawShape>;

/** An option's name as a command line has it. */
export function flagName(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * The options with all defaults filled in. An option that the schema does not know is refused, so
 * that `max_tokens: 5` cannot run with the default. `named` writes an option's name as its user
 * did; as it stands where not given.
 *
 * @throws {InputError} in one line that names the option, its value and the rule.
 */
export function parseOptions<S extends OptionsSchema>(
  schema: S,
  given: unknown,
  named: (option: string) => string = (option) => option,
): z.output<S> {
  const parsed = schema.strict().safeParse(given);
  if (parsed.success) return parsed.data as z.output<S>;
  const issues = parsed.error.issues as [z.core.$ZodIssue];
  // A name that is written wrong is why another one is missing.
  const issue =
    issues.find(({ code, path }) => code === "unrecognized_keys" && path.length === 0) ??
      issues[0];
  const [option, ...inner] = issue.path.map(String);
  if (option === undefined) {
    if (issue.code !== "unrecognized_keys") throw new InputError(`options: ${ruleWords(issue)}`);
    const known = Object.keys(schema.shape).map(named);
    const [unknown] = issue.keys as [string];
    throw new InputError(
      `there is no option ${named(unknown)}${didYouMean(named(unknown), known)}`,
    );
  }
  const value = (given as Record<string, unknown>)[option];
  const about = (schema.shape[option] as z.ZodType | undefined)?.description;
  if (value === undefined) {
    throw new InputError(`${named(option)} is needed${about ? `: ${about}` : ""}`);
  }
  // Of a list the one that is wrong is shown: its user gave each with a flag of its own.
  const isItem = Array.isArray(value) && /^\d+$/.test(inner[0] ?? "");
  const wrong = isItem ? value[Number(inner.shift())] : value;
  const place = [named(option), ...inner].join(".");
  throw new InputError(`${place} ${shown(wrong)}: ${ruleWords(issue)}${meant(issue, wrong)}`);
}

/** Of the values that there are, the one that may have been meant. */
function meant(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code !== "invalid_value" || typeof given !== "string") return "";
  return didYouMean(given, issue.values.map(String));
}

function shown(value: unknown): string {
  if (typeof value === "string") return value === "" ? '""' : value;
  // NaN and the infinities are null in JSON.
  const json = typeof value === "number" ? String(value) : JSON.stringify(value) ?? String(value);
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}
