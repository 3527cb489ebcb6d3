/**
 * Chat templates in Jinja, rendered as Python renders them, within limits: a template comes with a
 * model's folder, and a folder may come from anywhere.
 */
import { parse, tokenize } from "@huggingface/jinja";
import { InputError, messageOf } from "../../core/errors.ts";
import { JinjaBudget } from "./budget.ts";
import { interpreterOf } from "./interpreter.ts";
import { compilePlain } from "./plain.ts";
import { strftime } from "./strftime.ts";

/** A compiled template. Throws `InputError` where the template raises, fails or passes a limit. */
export type JinjaTemplate = (variables: Record<string, unknown>) => string;

/** The longest template text that is compiled, in characters. */
const MAX_TEMPLATE = 1_000_000;
/** The longest `range(…)`, as in Jinja's own sandbox. */
const MAX_RANGE = 100_000;

/**
 * Compiles a chat template with the settings, globals and string methods it has in Python's
 * `apply_chat_template` (transformers): blocks trimmed, `tojson` plain, `raise_exception`,
 * `strftime_now`, `{% generation %}`, and white space as `str.strip` knows it.
 *
 * `where` names the template in messages. `now` is the time that `strftime_now` tells; default: the
 * time of the rendering. `variables` are those of every rendering. Throws `InputError` where the text
 * is no template.
 */
export function compileJinja(
  text: string,
  where: string,
  options: { now?: () => Date; variables?: Record<string, unknown> } = {},
): JinjaTemplate {
  if (text.length > MAX_TEMPLATE) {
    throw new InputError(`${where}: longer than ${MAX_TEMPLATE} characters`);
  }
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new InputError(`${where}: ${messageOf(error)}`);
    }
  };
  const program = guard(() => {
    const source = text.replace(/\r\n?/g, "\n");
    return parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  });
  const now = options.now ?? (() => new Date());
  const strftime_now = (format: string) => strftime(now(), format);
  const globals = { ...constants, raise_exception, range, strftime_now, ...options.variables };
  const plain = guard(() => compilePlain(program, globals));
  const interpret = interpreterOf(program, globals);
  return (variables) =>
    guard(() =>
      plain(variables, new JinjaBudget(variables)) ??
        interpret(variables, new JinjaBudget(variables))
    );
}

const constants = { true: true, false: false, none: null, True: true, False: false, None: null };

function raise_exception(message: unknown): never {
  throw new Error(String(message));
}

function range(...bounds: number[]): number[] {
  const [start, stop, step] = bounds.length === 1
    ? [0, bounds[0]!, 1]
    : [bounds[0]!, bounds[1]!, bounds[2] ?? 1];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= MAX_RANGE)) throw new Error(`range() of more than ${MAX_RANGE} items`);
  return Array.from({ length }, (_, i) => start + i * step);
}
