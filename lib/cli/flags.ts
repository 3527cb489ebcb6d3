/** Command-line flags and their help, both from a zod schema of options. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { didYouMean } from "../core/did_you_mean.ts";
import { InputError } from "../core/errors.ts";
import { flagName, type OptionsSchema, parseOptions } from "../core/options.ts";

/** One flag, as the schema tells of it. */
export interface Flag {
  /** The option's name in the schema. */
  name: string;
  /** With its dashes. */
  flag: string;
  kind: "text" | "number" | "boolean" | "list";
  /** The values it takes, for help: `N`, `a|b`. */
  metavar: string;
  description: string;
  required: boolean;
  fallback: unknown;
}

/** The flags of a schema, in its order. */
export function flagsOf(schema: OptionsSchema): Flag[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { type, required, fallback } = unwrapped(field as z.ZodType);
    return {
      name,
      flag: flagName(name),
      ...kindOf(type, field as z.ZodType, name),
      description: (field as z.ZodType).description ?? type.description ?? "",
      required,
      fallback,
    };
  });
}

/** A command line taken apart: the options that were given, by name, and what stands beside them. */
export interface Words {
  given: Record<string, unknown>;
  positionals: string[];
}

/**
 * Takes a command line apart by the flags that it may have. `--max-tokens 5`, `--max-tokens=5`, and
 * `-n 5` for a flag of one letter; `--no-overwrite` for a boolean one.
 *
 * @throws {InputError} naming the flag: one that there is not, one given twice or without its value.
 */
export function readFlags(flags: readonly Flag[], args: readonly string[]): Words {
  const options = Object.fromEntries(flags.flatMap(({ flag, kind, name }) => {
    const type = kind === "boolean" ? "boolean" as const : "string" as const;
    const short = name.length === 1 ? { short: name } : {};
    const positive = [flag.slice(2), { type, ...short }] as const;
    return kind === "boolean" ? [positive, [`no-${flag.slice(2)}`, { type }]] : [positive];
  }));
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: Record<string, unknown> = {}, positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const positive = flags.find(({ flag }) => flag === `--${token.name}`);
    const known = positive ??
      flags.find(({ flag, kind }) => kind === "boolean" && token.name === `no-${flag.slice(2)}`);
    if (known === undefined) {
      const near = didYouMean(token.rawName, flags.map(({ flag }) => flag));
      throw new InputError(`there is no flag ${token.rawName}${near} (see --help)`);
    }
    const { name, flag, kind } = known;
    if (kind !== "list" && name in given) throw new InputError(`${flag} is given twice`);
    if (kind === "boolean") {
      if (token.value !== undefined) throw new InputError(`${flag} takes no value`);
      given[name] = known === positive;
      continue;
    }
    const { value } = token;
    // What looks like another flag is one: a value like it is given behind an equals sign.
    const isFlag = !token.inlineValue && value !== undefined && /^-(?![\d.])./.test(value);
    if (value === undefined || isFlag) {
      const instead = isFlag ? `, not ${value} (or ${flag}=${value})` : "";
      throw new InputError(`${flag} takes a value: ${flag} ${known.metavar}${instead}`);
    }
    if (kind === "list") ((given[name] ??= []) as string[]).push(value);
    else given[name] = kind === "number" ? numberOf(flag, value) : value;
  }
  return { given, positionals };
}

/**
 * Reads a command line by a schema.
 *
 * @throws {InputError} naming the flag and the rule.
 */
export function parseFlags<S extends OptionsSchema>(
  schema: S,
  args: readonly string[],
): z.output<S> {
  const { given, positionals } = readFlags(flagsOf(schema), args);
  if (positionals.length > 0) throw new InputError(`${positionals[0]}: not a flag (see --help)`);
  return optionsFrom(schema, given);
}

/** Options as a command line gave them, checked: messages name flags. */
export function optionsFrom<S extends OptionsSchema>(
  schema: S,
  given: Record<string, unknown>,
): z.output<S> {
  const metavars = new Map(
    flagsOf(schema).map(({ name, flag, metavar }) => [
      name,
      given[name] === undefined && metavar ? `${flag} ${metavar}` : flag,
    ]),
  );
  return parseOptions(schema, given, (option) => metavars.get(option) ?? flagName(option));
}

/** The help text of a schema's flags, one a line; `shared` are lines of flags beside them. */
export function flagsHelp(
  schema: OptionsSchema,
  shared: readonly (readonly [string, string])[] = [],
): string {
  const own = flagsOf(schema).map(({ flag, kind, metavar, description, required, fallback }) => {
    const usage = kind === "boolean" ? flag : `${flag} ${metavar}`;
    const notes = [
      kind === "list" ? "repeatable" : "",
      required ? "needed" : "",
      fallback === undefined || String(fallback) === "" || fallback === false
        ? ""
        : `default ${String(fallback)}`,
    ].filter(Boolean);
    return [usage, description + (notes.length ? ` (${notes.join(", ")})` : "")] as const;
  });
  const lines = [...own, ...shared];
  const width = Math.min(30, Math.max(...lines.map(([usage]) => usage.length)));
  return lines.map(([usage, text]) =>
    usage.length > width
      ? `  ${usage}\n  ${" ".repeat(width)}  ${text}`
      : `  ${usage.padEnd(width)}  ${text}`
  ).join("\n");
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InputError(`${flag} ${text}: not a number`);
  }
  return value;
}

function unwrapped(field: z.ZodType): { type: z.ZodType; required: boolean; fallback: unknown } {
  let type = field, required = true, fallback: unknown;
  while (true) {
    if (type instanceof z.ZodDefault) fallback = type.def.defaultValue;
    else if (!(type instanceof z.ZodOptional)) break;
    required = false;
    type = type.unwrap() as z.ZodType;
  }
  return { type, required, fallback };
}

function kindOf(
  type: z.ZodType,
  field: z.ZodType,
  name: string,
): Pick<Flag, "kind" | "metavar"> {
  if (type instanceof z.ZodBoolean) return { kind: "boolean", metavar: "" };
  if (type instanceof z.ZodNumber) return { kind: "number", metavar: type.isInt ? "N" : "X" };
  if (type instanceof z.ZodEnum) return { kind: "text", metavar: type.options.join("|") };
  // It may be said of the field as a whole, a default or an option around the type.
  const named = field.meta()?.metavar ?? type.meta()?.metavar;
  const metavar = String(named ?? name.replace(/[A-Z]/g, "_$&").toUpperCase());
  // One text or several of them: repeatable on a command line.
  const taken = type instanceof z.ZodPipe ? type.in : type;
  const several = taken instanceof z.ZodUnion && taken.options.some((o) => o instanceof z.ZodArray);
  return { kind: several || type instanceof z.ZodArray ? "list" : "text", metavar };
}
