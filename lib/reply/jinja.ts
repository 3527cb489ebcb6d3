/**
 * Chat templates in Jinja, rendered as Python renders them, within limits: a template comes with a
 * model's folder, and a folder may come from anywhere.
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { InputError, messageOf } from "../core/errors.ts";
import { pythonSplit, pythonStrip, type StripSide } from "./python_strip.ts";
import { strftime } from "./strftime.ts";

/** A compiled template. Throws `InputError` where the template raises, fails or passes a limit. */
export type JinjaTemplate = (variables: Record<string, unknown>) => string;

/** The longest template text that is compiled, in characters. */
const MAX_TEMPLATE = 1_000_000;
/** The longest `range(…)`, as in Jinja's own sandbox. */
const MAX_RANGE = 100_000;
/** Nodes evaluated in one rendering, a turn of a loop counted as some: a second or two. */
const MAX_STEPS = 3_000_000;
const STEPS_A_TURN = 10;
/** Characters and list items that all steps of one rendering may give, beside those for its input. */
const MAX_GIVEN = 64_000_000;
/** How often a template may come upon each character of its input. */
const MAX_PASSES = 256;

type Value = ReturnType<Interpreter["evaluate"]>;
type Statement = NonNullable<Parameters<Interpreter["evaluate"]>[0]>;

/** The syntax nodes that are looked into here; the parser's own classes are not exported. */
interface Node {
  type: string;
  value?: unknown;
  operand?: Statement;
  filter?: Node;
  callee?: Node;
  args?: Statement[];
  object?: Statement;
  property?: Node;
  computed?: boolean;
  iterable?: Node;
  lhs?: Node;
}

/**
 * Compiles a chat template with the settings, globals and string methods it has in Python's
 * `apply_chat_template` (transformers): blocks trimmed, `tojson` plain, `raise_exception`,
 * `strftime_now`, `{% generation %}`, and white space as `str.strip` knows it.
 *
 * `where` names the template in messages. `now` is the time that `strftime_now` tells; default: the
 * time of the rendering. `variables` are those of every rendering. Throws `InputError` where the text is no template.
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
  // Made once: a rendering sets its variables in a scope of its own, and never these.
  const globals = new Environment();
  const strftime_now = (format: string) => strftime(now(), format);
  const names = { ...constants, raise_exception, range, strftime_now, ...options.variables };
  for (const [name, value] of Object.entries(names)) {
    globals.variables.delete(name);
    globals.set(name, value);
  }
  return (variables) =>
    guard(() => {
      // Variables shadow globals.
      const scope = new Environment(globals);
      for (const [name, value] of Object.entries(variables)) {
        scope.variables.delete(name);
        scope.set(name, value);
      }
      const interpreter = new PythonInterpreter(MAX_GIVEN + MAX_PASSES * sizeOf(variables));
      return String(interpreter.evaluate(program, scope).value);
    });
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

/** The library's interpreter, with Python's string methods where they differ, and a budget. */
class PythonInterpreter extends Interpreter {
  #steps = 0;
  #given = 0;
  /** The expressions that loops go over. */
  readonly #loopedOver = new Set<unknown>();
  readonly #mayGive: number;

  constructor(mayGive: number) {
    super();
    this.#mayGive = mayGive;
  }

  override evaluate(statement: Statement | undefined, environment: Environment): Value {
    this.#step(1);
    const node = statement as unknown as Node | undefined;
    if (node?.type === "For") this.#loopedOver.add(node.iterable).add(node.iterable?.lhs);
    const value = (node && this.#asPython(node, environment)) ??
      super.evaluate(statement, environment);
    const { value: raw } = value;
    if (typeof raw === "string" || Array.isArray(raw)) {
      this.#given += raw.length;
      if (this.#given > this.#mayGive) throw new Error("stopped: the template gives too much text");
      if (this.#loopedOver.has(statement)) this.#step(STEPS_A_TURN * raw.length);
    }
    return value;
  }

  #step(count: number): void {
    this.#steps += count;
    if (this.#steps > MAX_STEPS) throw new Error("stopped: the template takes too many steps");
  }

  /** What Python gives for the few operations that JavaScript's strings do otherwise. */
  #asPython(node: Node, environment: Environment): Value | null {
    if (node.type === "FilterExpression") {
      const name = filterName(node);
      if (name !== "trim" && name !== "length" && name !== "count") return null;
      const operand = this.evaluate(node.operand, environment);
      if (name === "trim") {
        const chars = node.filter!.args?.length
          ? this.#text(node.filter!.args[0]!, environment)
          : undefined;
        return this.#string(pythonStrip(textOf(operand), "both", chars));
      }
      const { value } = operand;
      if (typeof value === "string") return this.#integer([...value].length);
      if (Array.isArray(value)) return this.#integer(value.length);
      if (value instanceof Map) return this.#integer(value.size);
      throw new Error(`a ${operand.type} has no length`);
    }
    if (node.type !== "CallExpression" || node.callee?.type !== "MemberExpression") return null;
    const { object, property, computed } = node.callee;
    const side = computed ? undefined : sides[String(property?.value)];
    const args = node.args ?? [];
    if (side) {
      const text = this.#text(object!, environment);
      const chars = args.length ? this.#text(args[0]!, environment) : undefined;
      return this.#string(pythonStrip(text, side, chars));
    }
    if (!computed && property?.value === "split" && args.length === 0) {
      return this.#strings(pythonSplit(this.#text(object!, environment)), environment);
    }
    return null;
  }

  #text(node: Statement, environment: Environment): string {
    const value = this.evaluate(node, environment);
    if (typeof value.value !== "string") throw new Error(`a ${value.type} is not text`);
    return value.value;
  }

  #literal(type: string, value: unknown): Value {
    return super.evaluate({ type, value } as unknown as Statement, noVariables);
  }

  #string(value: string): Value {
    return this.#literal("StringLiteral", value);
  }

  #integer(value: number): Value {
    return this.#literal("IntegerLiteral", value);
  }

  #strings(values: string[], environment: Environment): Value {
    const items = values.map((value) => ({ type: "StringLiteral", value }));
    return super.evaluate(
      { type: "ArrayLiteral", value: items } as unknown as Statement,
      environment,
    );
  }
}

const noVariables = new Environment();

const sides: Record<string, StripSide | undefined> = {
  strip: "both",
  lstrip: "left",
  rstrip: "right",
};

function filterName(node: Node): unknown {
  const { filter } = node;
  return filter?.type === "CallExpression" ? filter.callee?.value : filter?.value;
}

/** The operand of `trim`, which takes anything: as Python's `str` writes it. */
function textOf(value: Value): string {
  if (value.type === "UndefinedValue") return "";
  if (value.type === "NullValue") return "None";
  if (value.type === "BooleanValue") return value.value ? "True" : "False";
  return value.toString();
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (value === null || typeof value !== "object") return 1;
  return Object.values(value).reduce((sum: number, item) => sum + sizeOf(item), 1);
}
