/** A trainer's own settings, by their own names, as `--set` has them. */
import type { z } from "zod";
import { InputError } from "../core/errors.ts";

/** `NAME=VALUE` texts as an object. */
export function namedValues(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)];
  }));
}

/** A trainer's settings, those that it knows of the given. Throws `InputError` for a wrong value. */
export function settingsOf<T extends z.ZodObject>(
  trainer: string,
  schema: T,
  given: Readonly<Record<string, string>>,
): z.output<T> {
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => name in schema.shape));
  const { data, error } = schema.safeParse(own);
  if (data !== undefined) return data;
  const { path: [name], message } = error!.issues[0]!;
  throw new InputError(
    `--set ${String(name)}=${own[String(name)]}: ${message} (a setting of ${trainer})`,
  );
}

/** Throws `InputError` for a setting that none of the trainers has. */
export function checkNames(
  given: Readonly<Record<string, string>>,
  trainers: readonly { name: string; settings: z.ZodObject }[],
): void {
  for (const name of Object.keys(given)) {
    if (trainers.some(({ settings }) => name in settings.shape)) continue;
    const known = trainers.map(({ name, settings }) =>
      `${name}: ${Object.keys(settings.shape).join(", ") || "none"}`
    );
    throw new InputError(`--set ${name}: no such setting (${known.join("; ")})`);
  }
}
