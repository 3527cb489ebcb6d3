/** Whether two results are the same mathematics. */
import { Complex } from "complex.js";
import { evaluate, type MathJson } from "./evaluate.ts";
import { sameExpression } from "./expression.ts";
import { type Expression, isName, type Relation, sameRelation, solutionOf } from "./relation.ts";
import { asIntervals, type End, type Value } from "./value.ts";

/**
 * Whether a result is what is wanted, as Math-Verify 0.9 judges: exact numbers exactly, decimals to
 * six places, expressions by their values at points of both signs, sets without order, tuples in
 * order, intervals with their ends, relations up to a factor.
 */
export function isEqual(wanted: Value, given: Value): boolean {
  const [gold, result] = unwrapped(wanted, given);
  if (gold.kind === "relation" && result.kind === "relation") {
    return sameRelation(gold, result, isEqual);
  }
  if (gold.kind === "relation") {
    const solved = solutionOf(gold);
    const of = asIntervals(result);
    return solved !== undefined && of !== undefined && sameIntervals(solved, of);
  }
  if (result.kind === "relation") return false;
  if (gold.kind === "intervals" || result.kind === "intervals") {
    const a = asIntervals(gold), b = asIntervals(result);
    return a !== undefined && b !== undefined && sameIntervals(a, b);
  }
  if (isList(gold) || isList(result)) return sameList(gold, result);
  if (gold.kind === "matrix" || result.kind === "matrix") {
    return gold.kind === "matrix" && result.kind === "matrix" && sameMatrix(gold.rows, result.rows);
  }
  if (gold.kind === "word" || result.kind === "word") return letters(gold) === letters(result);
  return sameNumber(gold, result);
}

type List = Extract<Value, { of: Value[] }>;

const isList = (value: Value): value is List => value.kind === "set" || value.kind === "tuple";

const isEquation = (value: Value): value is Relation =>
  value.kind === "relation" && value.operators.every((operator) => operator === "Equal");

/** `x = 5` for `5` and the other way round: the form that is wanted counts. */
function unwrapped(wanted: Value, given: Value): [Value, Value] {
  let gold = wanted, result = given;
  if (isAssignment(gold)) gold = ends(gold);
  if (isAssignment(result)) result = ends(result);
  if (isEquation(result) && !isEquation(gold)) result = result.sides.at(-1)!;
  else if (isAssignment(gold) && !isEquation(result)) gold = (gold as Relation).sides.at(-1)!;
  return [gold, result];
}

/** The first and the last side of a chain of equations. */
function ends(value: Value): Value {
  const { sides } = value as Relation;
  return { kind: "relation", operators: ["Equal"], sides: [sides[0]!, sides.at(-1)!] };
}

function isAssignment(value: Value): boolean {
  if (!isEquation(value)) return false;
  const [name] = value.sides;
  if (name?.kind === "word") return true;
  return name?.kind === "number" && isName(name.json);
}

/** The letters of a word, or of symbols side by side, in small ones. */
function letters(value: Value): string | undefined {
  if (value.kind === "word") {
    return value.text.replace(/\s+/g, " ").replace(/^\((.+)\)$/, "$1").toLowerCase();
  }
  if (value.kind !== "number") return undefined;
  const { json } = value;
  if (typeof json === "string") return json.toLowerCase();
  if (!Array.isArray(json) || json[0] !== "InvisibleOperator") return undefined;
  const parts = json.slice(1);
  return parts.every((part) => typeof part === "string") ? parts.join("").toLowerCase() : undefined;
}

function sameNumber(wanted: Expression, given: Expression): boolean {
  if (wanted.percent !== given.percent) {
    // 50% is 0.5, and 50% is what "how many percent" asks with 50.
    const [share, plain] = wanted.percent ? [wanted, given] : [given, wanted];
    const asShare: MathJson = ["Divide", share.json, 100];
    const whole = typeof share.json === "number" && Number.isInteger(share.json) &&
      typeof plain.json === "number" && Number.isInteger(plain.json);
    return whole ? share.json === plain.json : sameExpression(asShare, plain.json);
  }
  return sameExpression(wanted.json, given.json);
}

function sameList(wanted: Value, given: Value): boolean {
  const a = isList(wanted) ? wanted.of : [wanted], b = isList(given) ? given.of : [given];
  if (a.length !== b.length) return false;
  const ordered = wanted.kind === "tuple";
  const left = ordered ? a : a.toSorted(byValue), right = ordered ? b : b.toSorted(byValue);
  return left.every((value, index) => isEqual(value, right[index]!));
}

/** Numbers by their value, everything else by its text. */
function byValue(a: Value, b: Value): number {
  const x = sortKey(a), y = sortKey(b);
  return typeof x === "number" && typeof y === "number" ? x - y : String(x) < String(y) ? -1 : 1;
}

function sortKey(value: Value): number | string {
  if (isAssignment(value)) return sortKey((value as Relation).sides.at(-1)!);
  if (value.kind !== "number") return JSON.stringify(value);
  const { re, im } = evaluate(value.json, () => new Complex(Math.SQRT2, 0));
  return Number.isNaN(re) ? JSON.stringify(value.json) : re + im * 1e-6;
}

function sameIntervals(a: { from: End; to: End }[], b: { from: End; to: End }[]): boolean {
  const start = ({ from }: { from: End }) => evaluate(from.at, () => Complex.ZERO).re;
  const sorted = (of: { from: End; to: End }[]) => of.toSorted((x, y) => start(x) - start(y));
  const left = sorted(a), right = sorted(b);
  const sameEnd = (x: End, y: End) => x.open === y.open && sameExpression(x.at, y.at);
  return left.length === right.length &&
    left.every(({ from, to }, i) => sameEnd(from, right[i]!.from) && sameEnd(to, right[i]!.to));
}

function sameMatrix(a: MathJson[][], b: MathJson[][]): boolean {
  return a.length === b.length &&
    a.every((row, r) =>
      row.length === b[r]!.length && row.every((cell, c) => sameExpression(cell, b[r]![c]!))
    );
}
