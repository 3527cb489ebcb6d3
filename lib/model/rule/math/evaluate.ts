/** The value of an expression in MathJSON at a point, as a complex number. */
import { Complex } from "complex.js";

/** MathJSON as Cortex' Compute Engine parses LaTeX: a number, a symbol or a text, an application. */
export type MathJson = number | string | { num: string } | [string, ...MathJson[]];

/** Values of the symbols that stand for something unknown. */
export type Point = (symbol: string) => Complex;

const CONSTANTS: Record<string, Complex> = {
  Pi: new Complex(Math.PI, 0),
  ExponentialE: new Complex(Math.E, 0),
  e: new Complex(Math.E, 0),
  ImaginaryUnit: Complex.I,
  i: Complex.I,
  PositiveInfinity: new Complex(Infinity, 0),
  NegativeInfinity: new Complex(-Infinity, 0),
};

const NOT_A_NUMBER = new Complex(NaN, NaN);
const product = (of: Complex[]) => of.reduce((a, b) => a.mul(b));
const real = (f: (x: number) => number) => (of: Complex[]) => new Complex(f(of[0]!.re), 0);

/** Logarithm of `x` in base `base`; both real or complex. */
const log = (x: Complex, base: number) => x.log().div(Math.log(base));

const FUNCTIONS: Record<string, (of: Complex[]) => Complex> = {
  Add: (of) => of.reduce((a, b) => a.add(b)),
  Subtract: (of) => of.length === 1 ? of[0]!.neg() : of.reduce((a, b) => a.sub(b)),
  Negate: ([a]) => a!.neg(),
  Multiply: product,
  Divide: ([a, b]) => a!.div(b!),
  Rational: ([a, b]) => a!.div(b!),
  Power: ([a, b]) => a!.equals(0) && !b!.equals(0) ? new Complex(0, 0) : a!.pow(b!),
  Square: ([a]) => a!.mul(a!),
  Sqrt: ([a]) => a!.sqrt(),
  Root: ([a, n]) => rootOf(a!, n ?? new Complex(2, 0)),
  Exp: ([a]) => a!.exp(),
  Ln: ([a]) => a!.log(),
  Lb: ([a]) => log(a!, 2),
  Lg: ([a]) => log(a!, 10),
  Log: ([a, base]) => base === undefined ? log(a!, 10) : a!.log().div(base.log()),
  Abs: ([a]) => new Complex(a!.abs(), 0),
  Sin: ([a]) => a!.sin(),
  Cos: ([a]) => a!.cos(),
  Tan: ([a]) => a!.tan(),
  Cot: ([a]) => a!.cot(),
  Sec: ([a]) => a!.sec(),
  Csc: ([a]) => a!.csc(),
  Arcsin: ([a]) => a!.asin(),
  Arccos: ([a]) => a!.acos(),
  Arctan: ([a]) => a!.atan(),
  Sinh: ([a]) => a!.sinh(),
  Cosh: ([a]) => a!.cosh(),
  Tanh: ([a]) => a!.tanh(),
  Floor: real(Math.floor),
  Ceil: real(Math.ceil),
  Factorial: real((n) => gamma(n)),
  Binomial: choose,
  Choose: choose,
  Degrees: ([a]) => a!,
};

/**
 * An expression's value; not a number where some part of it has none. Takes as many steps as the
 * expression has parts.
 */
export function evaluate(json: MathJson, point: Point): Complex {
  if (typeof json === "number") return new Complex(json, 0);
  if (typeof json === "string") return CONSTANTS[json] ?? point(json);
  if (!Array.isArray(json)) return new Complex(Number(json.num), 0);
  const [head, ...args] = json;
  if (head === "Delimiter" || head === "BaseForm" || head === "Sequence" && args.length === 1) {
    return evaluate(args[0] ?? "Nothing", point);
  }
  if (head === "Subscript") return point(nameOf(json));
  if (head === "InvisibleOperator") return juxtaposed(args, point);
  const apply = Object.hasOwn(FUNCTIONS, head) ? FUNCTIONS[head] : undefined;
  return apply && args.length > 0 ? apply(args.map((arg) => evaluate(arg, point))) : NOT_A_NUMBER;
}

/** Things side by side: a mixed number (2 ½) is a sum, all else a product. */
function juxtaposed(args: MathJson[], point: Point): Complex {
  const [whole, part] = args;
  const isMixed = args.length === 2 && typeof whole === "number" && Number.isInteger(whole) &&
    Array.isArray(part) && part[0] === "Divide" &&
    part.slice(1).every((of) => typeof of === "number");
  const values = args.map((arg) => evaluate(arg, point));
  return isMixed ? values[0]!.add(values[1]!) : product(values);
}

/** The real root where there is one, as school books mean it. */
function rootOf(of: Complex, n: Complex): Complex {
  const degree = n.re;
  if (of.im === 0 && of.re < 0 && degree % 2 === 1) {
    return new Complex(-Math.pow(-of.re, 1 / degree), 0);
  }
  return of.pow(new Complex(1 / degree, 0));
}

function choose([n, k]: Complex[]): Complex {
  return new Complex(gamma(n!.re) / gamma(k!.re) / gamma(n!.re - k!.re), 0);
}

function gamma(n: number): number {
  if (!Number.isInteger(n) || n < 0) return NaN;
  let product = 1;
  for (let k = 2; k <= Math.min(n, 171); k++) product *= k;
  return product;
}

/** A symbol's name with its subscript. */
function nameOf(json: [string, ...MathJson[]]): string {
  return json.slice(1).map((part) => JSON.stringify(part)).join("_");
}

/** The unknown symbols of an expression. */
export function symbolsOf(json: MathJson, into = new Set<string>()): Set<string> {
  if (typeof json === "string") {
    if (!Object.hasOwn(CONSTANTS, json)) into.add(json);
  } else if (Array.isArray(json)) {
    if (json[0] === "Subscript") into.add(nameOf(json));
    else for (const arg of json.slice(1)) symbolsOf(arg as MathJson, into);
  }
  return into;
}

/** Whether an expression holds a number with a fraction part: then it is no exact one. */
export function isDecimal(json: MathJson): boolean {
  if (typeof json === "number") return !Number.isInteger(json);
  if (typeof json === "string") return false;
  if (!Array.isArray(json)) return /[.e]/i.test(json.num);
  return json.slice(1).some((arg) => isDecimal(arg as MathJson));
}
