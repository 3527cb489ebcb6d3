/** Whether two expressions have the same values. */
import { Complex } from "complex.js";
import { evaluate, isDecimal, type MathJson, type Point, symbolsOf } from "./evaluate.ts";

/** Decimals are equal to so many places. */
const PLACES = 6;

const EXACT = 1e-11;

/** Points at which expressions with unknowns are compared, both signs among them. */
export const POINTS = [0.7312, 1.9175, -0.6181, -2.2361, 3.1123];

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

/** The value of the unknown with this place among all of them, at one of the points. */
export const at = (shift: number, index: number) => shift * (1 + 0.37 * index) + 0.113 * index;

/** Whole numbers beyond what a double holds exactly. */
function isBig(json: MathJson): boolean {
  return typeof json === "object" && !Array.isArray(json) ||
    typeof json === "number" && Math.abs(json) > Number.MAX_SAFE_INTEGER;
}

function digits(json: MathJson): string {
  return typeof json === "object" && !Array.isArray(json) ? json.num : JSON.stringify(json);
}

/** Whether two values are equal but for the rounding of doubles. */
export function isNear(a: Complex, b: Complex): boolean {
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
