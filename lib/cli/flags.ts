/** Command-line flags and their help, both from a zod schema of options. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { InputError } from "../core/errors.ts";

/** A schema whose fields are flags: `maxTokens` is `--max-tokens`. */
export type OptionsSchema = z.ZodObject<z.ZodRawShape>;

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
      flag: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      ...kindOf(type, name),
      description: (field as z.ZodType).description ?? type.description ?? "",
      required,
      fallback,
    };
  });
}

/**
 * Reads a command line by a schema. `defaults` (an earlier run's options) stand under the flags.
 * Throws `InputError` naming the flag and the rule.
 */
export function parseFlags<S extends OptionsSchema>(
  schema: S,
  args: readonly string[],
  defaults: Record<string, unknown> = {},
): z.output<S> {
  const flags = flagsOf(schema);
  const given: Record<string, unknown> = { ...defaults };
  for (const [flag, value] of Object.entries(tokens(flags, args))) {
    const known = flags.find((each) => each.flag === `--${flag}`)!;
    given[known.name] = known.kind === "number"
      ? numberOf(known.flag, value as string)
      : known.kind === "list"
      ? (value as string[]).map(String)
      : value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const known = flags.find((each) => each.name === issue.path[0]);
  if (known && given[known.name] === undefined) {
    throw new InputError(`${known.flag} ${known.metavar} is needed: ${known.description}`);
  }
  const shown = known ? `${known.flag} ${String(given[known.name])}: ` : "";
  throw new InputError(`${shown}${issue.message}`);
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

function tokens(flags: Flag[], args: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(flags.map(({ flag, kind }) => [flag.slice(2), {
    type: kind === "boolean" ? "boolean" as const : "string" as const,
    multiple: kind === "list",
  }]));
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowNegative: true,
      tokens: true,
    });
  } catch (error) {
    const line = (error as Error).message.split(/\. |\n/)[0];
    throw new InputError(`${line} (see --help)`);
  }
  const seen = new Set<string>();
  for (const token of parsed.tokens) {
    if (token.kind !== "option") continue;
    const flag = flags.find(({ flag }) => [flag, `--no-${flag.slice(2)}`].includes(token.rawName))!;
    if (flag.kind !== "list" && seen.has(flag.name)) {
      throw new InputError(`${flag.flag} is given twice`);
    }
    seen.add(flag.name);
  }
  return { ...parsed.values };
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

function kindOf(type: z.ZodType, name: string): Pick<Flag, "kind" | "metavar"> {
  if (type instanceof z.ZodBoolean) return { kind: "boolean", metavar: "" };
  if (type instanceof z.ZodNumber) return { kind: "number", metavar: type.isInt ? "N" : "X" };
  if (type instanceof z.ZodEnum) return { kind: "text", metavar: type.options.join("|") };
  const metavar = String(type.meta()?.metavar ?? name.replace(/[A-Z]/g, "_$&").toUpperCase());
  // One text or several of them: repeatable on a command line.
  const several = type instanceof z.ZodUnion && type.options.some((o) => o instanceof z.ZodArray);
  return { kind: several || type instanceof z.ZodArray ? "list" : "text", metavar };
}
