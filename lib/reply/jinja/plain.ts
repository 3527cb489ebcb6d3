/**
 * The part of Jinja that chat templates use for chats without tools, compiled to functions: many
 * times faster than interpreting it node by node.
 */
import type { parse } from "@huggingface/jinja";
import type { JinjaBudget } from "./budget.ts";
import type { JinjaNode } from "./node.ts";
import { expression, Scope } from "./plain_expression.ts";
import { isTrue, Loop, NAMESPACE, Namespace, NOT_PLAIN, notPlain, textOf } from "./plain_values.ts";

/** The template's text for these variables, or null where it does what is not compiled. */
export type PlainTemplate = (
  variables: Record<string, unknown>,
  budget: JinjaBudget,
) => string | null;

/**
 * Compiles a parsed template. Whatever is not known to give here exactly what it gives in Python
 * makes the rendering null when it is reached, not when it stands in a branch that is not taken.
 *
 * `globals` are variables of every rendering; functions among them are called with plain values.
 * The result throws what such a function throws, and where the budget is used up.
 */
export function compilePlain(
  program: ReturnType<typeof parse>,
  globals: Record<string, unknown>,
): PlainTemplate {
  const body = block(program.body as unknown as JinjaNode[]);
  const outer = new Map<string, unknown>([["namespace", NAMESPACE], ...Object.entries(globals)]);
  return (variables, budget) => {
    const scope = new Scope(new Map(Object.entries(variables)), new Scope(outer, null, budget));
    try {
      return body(scope);
    } catch (error) {
      if (error === NOT_PLAIN) return null;
      throw error;
    }
  };
}

type Statement = (scope: Scope) => string;

function block(nodes: readonly JinjaNode[]): Statement {
  const statements = nodes.map(statement), count = nodes.length;
  return (scope) => {
    let text = "";
    for (let index = 0; index < count; index++) text += statements[index]!(scope);
    scope.budget.step(count);
    scope.budget.give(text.length);
    return text;
  };
}

function statement(node: JinjaNode): Statement {
  switch (node.type) {
    case "Comment":
      return () => "";
    case "If": {
      const test = expression(node.test!);
      const body = block(node.body!), alternate = block(node.alternate!);
      return (scope) => isTrue(test(scope)) ? body(scope) : alternate(scope);
    }
    case "For":
      return forStatement(node);
    case "Set":
      return setStatement(node);
    case "Macro": {
      // What defines a macro is no more than a name; calling it is not plain.
      const name = String(node.name!.value);
      return (scope) => {
        scope.variables.set(name, notPlain);
        return "";
      };
    }
    default: {
      const value = expression(node);
      return (scope) => textOf(value(scope));
    }
  }
}

function forStatement({ loopvar, iterable, body, defaultBlock }: JinjaNode): Statement {
  if (loopvar!.type !== "Identifier") return notPlain;
  const name = String(loopvar!.value);
  const source = expression(iterable!), turn = block(body!), otherwise = block(defaultBlock!);
  return (scope) => {
    const items = source(scope);
    if (!Array.isArray(items)) notPlain();
    const { length } = items;
    scope.budget.loop(length);
    const variables = new Map<string, unknown>(), inner = new Scope(variables, scope);
    if (length === 0) return otherwise(inner);
    let text = "";
    for (let index = 0; index < length; index++) {
      // What a turn sets is not there in the next.
      variables.clear();
      variables.set("loop", new Loop(items, index));
      variables.set(name, items[index]);
      text += turn(inner);
    }
    return text;
  };
}

function setStatement({ assignee, value }: JinjaNode): Statement {
  // Without a value it is a block, whose text is given.
  if (value === null) return notPlain;
  const given = expression(value as JinjaNode);
  if (assignee!.type === "Identifier") {
    const name = String(assignee!.value);
    return (scope) => {
      scope.variables.set(name, given(scope));
      return "";
    };
  }
  if (assignee!.type !== "MemberExpression" || assignee!.computed) return notPlain;
  const object = expression(assignee!.object!), name = String(assignee!.property!.value);
  return (scope) => {
    const namespace = object(scope);
    if (!(namespace instanceof Namespace)) notPlain();
    namespace.values.set(name, given(scope));
    return "";
  };
}
