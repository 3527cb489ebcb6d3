/** The interpreter of `@huggingface/jinja`, made to give what Python gives, within a budget. */
import { Environment, Interpreter, type parse } from "@huggingface/jinja";
import { pythonSplit, pythonStrip, type StripSide } from "../python_strip.ts";
import type { JinjaBudget } from "./budget.ts";
import type { JinjaNode } from "./node.ts";

type Value = ReturnType<Interpreter["evaluate"]>;
type Statement = NonNullable<Parameters<Interpreter["evaluate"]>[0]>;

/** A template's text for these variables. Throws where it raises, fails or uses up the budget. */
export type JinjaInterpreter = (variables: Record<string, unknown>, budget: JinjaBudget) => string;

/** Interprets a parsed template. `globals` are variables of every rendering. */
export function interpreterOf(
  program: ReturnType<typeof parse>,
  globals: Record<string, unknown>,
): JinjaInterpreter {
  // Made once: a rendering sets its variables in a scope of its own, and never these.
  const outer = environmentOf(globals);
  return (variables, budget) => {
    const scope = environmentOf(variables, outer);
    return String(new PythonInterpreter(budget).evaluate(program, scope).value);
  };
}

/** Variables, which shadow those of the parent and the library's own. */
function environmentOf(variables: Record<string, unknown>, parent?: Environment): Environment {
  const environment = new Environment(parent);
  for (const [name, value] of Object.entries(variables)) {
    environment.variables.delete(name);
    environment.set(name, value);
  }
  return environment;
}

/** The library's interpreter, with Python's string methods where they differ, and a budget. */
class PythonInterpreter extends Interpreter {
  readonly #budget: JinjaBudget;
  /** The expressions that loops go over. */
  readonly #loopedOver = new Set<unknown>();

  constructor(budget: JinjaBudget) {
    super();
    this.#budget = budget;
  }

  override evaluate(statement: Statement | undefined, environment: Environment): Value {
    this.#budget.step(1);
    const node = statement as unknown as JinjaNode | undefined;
    if (node?.type === "For") this.#loopedOver.add(node.iterable).add(node.iterable?.lhs);
    const value = (node && this.#asPython(node, environment)) ??
      super.evaluate(statement, environment);
    const { value: raw } = value;
    if (typeof raw === "string" || Array.isArray(raw)) {
      this.#budget.give(raw.length);
      if (this.#loopedOver.has(statement)) this.#budget.loop(raw.length);
    }
    return value;
  }

  /** What Python gives for the few operations that JavaScript's strings do otherwise. */
  #asPython(node: JinjaNode, environment: Environment): Value | null {
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
    const side = computed ? undefined : sides.get(property?.value);
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

const sides: ReadonlyMap<unknown, StripSide> = new Map([
  ["strip", "both"],
  ["lstrip", "left"],
  ["rstrip", "right"],
]);

function filterName(node: JinjaNode): unknown {
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
