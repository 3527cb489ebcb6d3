/** Whether two relations say the same, and what one says of its unknown. */
import { Complex } from "complex.js";
import { evaluate, type MathJson, symbolsOf } from "./evaluate.ts";
import { at, isNear, POINTS } from "./expression.ts";
import type { End, Value } from "./value.ts";

/** A number or an expression. */
export type Expression = Extract<Value, { kind: "number" }>;
/** A relation, or a chain of them. */
export type Relation = Extract<Value, { kind: "relation" }>;

/** Whether an expression is a name: a symbol, with or without a subscript, or a call like f(x). */
export function isName(json: MathJson): boolean {
  if (typeof json === "string") return true;
  if (!Array.isArray(json)) return false;
  if (json[0] === "Subscript") return true;
  return ["InvisibleOperator", "Delimiter", "Multiply", "Sequence"].includes(json[0]) &&
    (json.slice(1) as MathJson[]).every((part, at) =>
      isName(part) || at > 0 && typeof part === "number"
    );
}

const TURNED: Record<string, string> = {
  Less: "Greater",
  Greater: "Less",
  LessEqual: "GreaterEqual",
  GreaterEqual: "LessEqual",
};

/**
 * Whether two relations hold for the same values: both sides may be exchanged, and multiplied by a
 * constant. `same` compares sides that are no expressions.
 */
export function sameRelation(
  wanted: Relation,
  given: Relation,
  same: (a: Value, b: Value) => boolean,
): boolean {
  if (wanted.operators.length !== given.operators.length) return false;
  const straight = (a: Relation, b: Relation) =>
    a.operators.every((operator, index) => {
      const sides = [a.sides[index], a.sides[index + 1], b.sides[index], b.sides[index + 1]];
      if (!sides.every((side) => side?.kind === "number")) {
        return operator === b.operators[index] && same(sides[0]!, sides[2]!) &&
          same(sides[1]!, sides[3]!);
      }
      const [p, q, r, s] = sides.map((side) => (side as Expression).json);
      return sameOrder(operator, ["Subtract", p!, q!], b.operators[index]!, ["Subtract", r!, s!]);
    });
  return straight(wanted, given) || straight(wanted, turned(given));
}

/** `a < b < c` as `c > b > a`. */
function turned({ operators, sides }: Relation): Relation {
  return {
    kind: "relation",
    operators: operators.map((operator) => TURNED[operator] ?? operator).toReversed(),
    sides: sides.toReversed(),
  };
}

/** `f ~ 0` and `g ~ 0` say the same where g is f times a constant whose sign fits. */
function sameOrder(a: string, f: MathJson, b: string, g: MathJson): boolean {
  const names = [...symbolsOf(f, symbolsOf(g))].sort();
  let ratio: Complex | undefined;
  for (const shift of POINTS) {
    const point = (name: string) => new Complex(at(shift, names.indexOf(name)), 0);
    const x = evaluate(f, point), y = evaluate(g, point);
    if (isNear(x, Complex.ZERO) || isNear(y, Complex.ZERO)) {
      if (!isNear(x, y)) return false;
      continue;
    }
    const here = y.div(x);
    if (here.isNaN() || ratio && !isNear(ratio, here)) return false;
    ratio ??= here;
  }
  if (ratio === undefined) return a === b;
  if (a === "Equal" || a === "NotEqual") return a === b;
  return ratio.im === 0 && (ratio.re > 0 ? a === b : TURNED[a] === b);
}

/** The interval that `a < x <= b`, `x > c` and the like describe. */
export function solutionOf({ operators, sides }: Relation): { from: End; to: End }[] | undefined {
  const middle = sides.findIndex((side) => side.kind === "number" && isName(side.json));
  if (middle < 0 || operators.some((operator) => !Object.hasOwn(TURNED, operator))) {
    return undefined;
  }
  let from: End = { at: "NegativeInfinity", open: true };
  let to: End = { at: "PositiveInfinity", open: true };
  operators.forEach((operator, index) => {
    const isLeft = index < middle;
    const other = sides[isLeft ? index : index + 1]!;
    if (other.kind !== "number") return;
    const end = { at: other.json, open: !operator.endsWith("Equal") };
    const above = operator.startsWith("Less") !== isLeft;
    if (above) to = end;
    else from = end;
  });
  return [{ from, to }];
}
