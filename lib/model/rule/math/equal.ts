/** Whether two results are the same mathematics. */
import { Complex } from "complex.js";
import { evaluate, isDecimal, type MathJson, type Point, symbolsOf } from "./evaluate.ts";
import { asIntervals, type End, type Value } from "./value.ts";

/** Decimals are equal to so many places. */
const PLACES = 6;
const EXACT = 1e-11;

/** Points at which expressions with unknowns are compared, both signs among them. */
const POINTS = [0.7312, 1.9175, -0.6181, -2.2361, 3.1123];

/**
 * Whether a result is what is wanted, as Math-Verify 0.9 judges: exact numbers exactly, decimals to
 * six places, expressions by their values at points of both signs, sets without order, tuples in
 * order, intervals with their ends, relations up to a factor.
 */
export function isEqual(wanted: Value, given: Value): boolean {
  const [gold, result] = unwrapped(wanted, given);
  if (gold.kind === "relation" && result.kind === "relation") return sameRelation(gold, result);
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

type Number = Extract<Value, { kind: "number" }>;
type Relation = Extract<Value, { kind: "relation" }>;
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

function isName(json: MathJson): boolean {
  if (typeof json === "string") return true;
  if (!Array.isArray(json)) return false;
  if (json[0] === "Subscript") return true;
  return ["InvisibleOperator", "Delimiter", "Multiply", "Sequence"].includes(json[0]) &&
    (json.slice(1) as MathJson[]).every((part, at) =>
      isName(part) || at > 0 && typeof part === "number"
    );
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

function sameNumber(wanted: Number, given: Number): boolean {
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

/** Whether two expressions have the same values. */
export function sameExpression(a: MathJson, b: MathJson): boolean {
  if (isBig(a) || isBig(b)) return digits(a) === digits(b);
  const names = [...symbolsOf(a, symbolsOf(b))].sort();
  const rounded = names.length === 0 && (isDecimal(a) || isDecimal(b));
  let compared = 0;
  for (const shift of names.length === 0 ? [0] : POINTS) {
    const point = (name: string) => new Complex(at(shift, names.indexOf(name)), 0);
    const x = evaluate(a, point), y = evaluate(b, point);
    if (x.isNaN() && y.isNaN()) continue;
    const same = isOutOfRange(x) && isOutOfRange(y)
      ? sameSize(a, b, point)
      : rounded
      ? roundsTo(x, y)
      : isNear(x, y);
    if (!same) return false;
    compared++;
  }
  return compared > 0 && compared >= Math.min(2, names.length === 0 ? 1 : 2);
}

const at = (shift: number, index: number) => shift * (1 + 0.37 * index) + 0.113 * index;

/** Whole numbers beyond what a double holds exactly. */
function isBig(json: MathJson): boolean {
  return typeof json === "object" && !Array.isArray(json) ||
    typeof json === "number" && Math.abs(json) > Number.MAX_SAFE_INTEGER;
}

function digits(json: MathJson): string {
  return typeof json === "object" && !Array.isArray(json) ? json.num : JSON.stringify(json);
}

function isNear(a: Complex, b: Complex): boolean {
  if (!a.isFinite() || !b.isFinite()) return a.re === b.re && a.im === b.im;
  return a.sub(b).abs() <= EXACT * Math.max(1, a.abs(), b.abs());
}

/** Values that a double cannot tell apart: they overflow or vanish. */
const isOutOfRange = (x: Complex) => !x.isFinite() || x.re === 0 && x.im === 0;

/** Whether expressions beyond a double's range are equal, by their logarithms. */
function sameSize(a: MathJson, b: MathJson, point: Point): boolean {
  const x = logarithm(a, point), y = logarithm(b, point);
  if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) {
    return JSON.stringify(a) === JSON.stringify(b) || x === y && x !== undefined;
  }
  return Math.abs(x - y) <= EXACT * Math.max(1, Math.abs(x));
}

/** The natural logarithm of a positive product of powers; undefined for anything else. */
function logarithm(json: MathJson, point: Point): number | undefined {
  const [head, ...args] = Array.isArray(json) ? json : [""];
  const of = (part: MathJson | undefined) =>
    part === undefined ? undefined : logarithm(part, point);
  if (head === "Delimiter") return of(args[0]);
  if (head === "Power") {
    const base = of(args[0]);
    return base === undefined ? undefined : base * evaluate(args[1]!, point).re;
  }
  if (head === "Factorial") {
    const n = evaluate(args[0]!, point).re;
    let sum = 0;
    for (let k = 2; k <= Math.min(n, 1e5); k++) sum += Math.log(k);
    return n > 1e5 ? undefined : sum;
  }
  if (["Multiply", "InvisibleOperator", "Divide"].includes(head)) {
    const parts = args.map(of);
    if (parts.some((part) => part === undefined)) return undefined;
    const [first, ...rest] = parts as number[];
    return rest.reduce((sum, part) => head === "Divide" ? sum - part : sum + part, first!);
  }
  const { re, im } = evaluate(json, point);
  return im === 0 && re >= 0 ? Math.log(re) : undefined;
}

function roundsTo(a: Complex, b: Complex): boolean {
  const round = (x: number) => Math.round(x * 10 ** PLACES);
  return round(a.re) === round(b.re) && round(a.im) === round(b.im);
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

const TURNED: Record<string, string> = {
  Less: "Greater",
  Greater: "Less",
  LessEqual: "GreaterEqual",
  GreaterEqual: "LessEqual",
};

function sameRelation(wanted: Relation, given: Relation): boolean {
  if (wanted.operators.length !== given.operators.length) return false;
  const straight = (a: Relation, b: Relation) =>
    a.operators.every((operator, index) => {
      const sides = [a.sides[index], a.sides[index + 1], b.sides[index], b.sides[index + 1]];
      if (!sides.every((side) => side?.kind === "number")) {
        return operator === b.operators[index] && isEqual(sides[0]!, sides[2]!) &&
          isEqual(sides[1]!, sides[3]!);
      }
      const [p, q, r, s] = sides.map((side) => (side as Number).json);
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
function solutionOf({ operators, sides }: Relation): { from: End; to: End }[] | undefined {
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
