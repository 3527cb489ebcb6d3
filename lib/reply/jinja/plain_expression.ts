/** Expressions of Jinja for the values of a plain chat, compiled to functions. */
import type { JinjaBudget } from "./budget.ts";
import type { JinjaNode } from "./node.ts";
import {
  field,
  integer,
  isTrue,
  METHODS,
  NAMESPACE,
  Namespace,
  notPlain,
  OPERATORS,
  string,
  TESTS,
} from "./plain_values.ts";
import { pythonStrip } from "../python_strip.ts";

/** An expression, ready to be evaluated. */
export type Expression = (scope: Scope) => unknown;

/** The variables that a place of a template sees. */
export class Scope {
  readonly variables: Map<string, unknown>;
  readonly budget: JinjaBudget;
  readonly #parent: Scope | null;

  constructor(variables: Map<string, unknown>, parent: Scope | null, budget = parent!.budget) {
    this.variables = variables;
    this.budget = budget;
    this.#parent = parent;
  }

  get(name: string): unknown {
    const value = this.variables.get(name);
    if (value !== undefined || this.#parent === null || this.variables.has(name)) return value;
    return this.#parent.get(name);
  }
}

/** Compiles an expression; each evaluation is counted. */
export function expression(node: JinjaNode): Expression {
  const evaluate = uncounted(node);
  return (scope) => {
    const value = evaluate(scope);
    scope.budget.step(1);
    if (typeof value === "string" || Array.isArray(value)) scope.budget.give(value.length);
    return value;
  };
}

function uncounted(node: JinjaNode): Expression {
  switch (node.type) {
    case "StringLiteral":
    case "IntegerLiteral": {
      const { value } = node;
      return () => value;
    }
    case "ArrayLiteral": {
      const items = (node.value as JinjaNode[]).map(expression);
      return (scope) => items.map((item) => item(scope));
    }
    case "Identifier": {
      const name = String(node.value);
      return (scope) => scope.get(name);
    }
    case "MemberExpression":
      return member(node);
    case "CallExpression":
      return node.callee!.type === "MemberExpression" ? methodCall(node) : functionCall(node);
    case "FilterExpression":
      return filter(node);
    case "TestExpression": {
      const operand = expression(node.operand!), test = TESTS.get(node.test!.value) ?? notPlain;
      const { negate } = node;
      return (scope) => test(operand(scope)) !== negate;
    }
    case "Ternary": {
      const [test, yes, no] = [node.condition!, node.trueExpr!, node.falseExpr!].map(expression);
      return (scope) => isTrue(test!(scope)) ? yes!(scope) : no!(scope);
    }
    case "UnaryExpression": {
      const argument = expression(node.argument!);
      if (node.operator!.value === "not") return (scope) => !isTrue(argument(scope));
      return node.operator!.value === "-" ? (scope) => -integer(argument(scope)) : notPlain;
    }
    case "BinaryExpression":
      return binary(node);
    default:
      return notPlain;
  }
}

function binary(node: JinjaNode): Expression {
  const left = expression(node.left!), right = expression(node.right!);
  switch (node.operator!.value) {
    case "and":
      return (scope) => {
        const value = left(scope);
        return isTrue(value) ? right(scope) : value;
      };
    case "or":
      return (scope) => {
        const value = left(scope);
        return isTrue(value) ? value : right(scope);
      };
    default: {
      const operate = OPERATORS.get(node.operator!.value) ?? notPlain;
      return (scope) => operate(left(scope), right(scope));
    }
  }
}

function member({ object, property, computed }: JinjaNode): Expression {
  const of = expression(object!);
  if (property!.type === "SliceExpression") return slice(of, property!);
  if (!computed && property!.type !== "Identifier") return notPlain;
  const key = computed ? expression(property!) : () => property!.value;
  return (scope) => {
    const container = of(scope), name = key(scope);
    if (Array.isArray(container)) return container.at(integer(name));
    return field(container, string(name));
  };
}

/** An array from an index on, up to an index, or from its end to its beginning. */
function slice(of: Expression, { start, stop, step }: JinjaNode): Expression {
  const from = start && expression(start), to = stop && expression(stop);
  const by = step && expression(step);
  return (scope) => {
    const items = of(scope);
    if (!Array.isArray(items)) notPlain();
    const [begin, end] = [from, to].map((index) => index && integer(index(scope)));
    const stride = by === undefined ? 1 : by(scope);
    if (stride === 1) return items.slice(begin, end);
    if (stride !== -1 || begin !== undefined || end !== undefined) notPlain();
    return items.toReversed();
  };
}

function filter({ operand, filter }: JinjaNode): Expression {
  const value = expression(operand!);
  switch (filter!.type === "Identifier" && filter!.value) {
    case "trim":
      return (scope) => pythonStrip(string(value(scope)));
    case "length":
    case "count":
      return (scope) => {
        const given = value(scope);
        return Array.isArray(given) ? given.length : [...string(given)].length;
      };
    default:
      return notPlain;
  }
}

function functionCall({ callee, args }: JinjaNode): Expression {
  if (callee!.type !== "Identifier") return notPlain;
  const name = String(callee!.value);
  const isKeyword = ({ type }: JinjaNode) => type === "KeywordArgumentExpression";
  const values = args!.filter((node) => !isKeyword(node)).map(expression);
  const entries = args!.filter(isKeyword)
    .map(({ key, value }) => [String(key!.value), expression(value as JinjaNode)] as const);
  return (scope) => {
    const called = scope.get(name);
    if (called === NAMESPACE && values.length === 0) {
      return new Namespace(entries.map(([key, value]) => [key, value(scope)]));
    }
    if (typeof called !== "function" || entries.length > 0) return notPlain();
    return called(...values.map((value) => value(scope)));
  };
}

function methodCall({ callee, args }: JinjaNode): Expression {
  const { object, property, computed } = callee!;
  const method = computed ? undefined : METHODS.get(property!.value);
  if (method === undefined) return notPlain;
  const of = expression(object!), values = args!.map(expression);
  return (scope) => method(of(scope), values.map((value) => value(scope)));
}
