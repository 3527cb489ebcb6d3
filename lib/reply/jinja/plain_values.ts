/**
 * What operations of Jinja give for the values of a plain chat: texts, whole numbers, booleans,
 * `null` for none, `undefined`, lists, and objects of messages. Each gives what Python gives, or
 * throws `NOT_PLAIN` where that is not known.
 */
import { pythonSplit, pythonStrip, type StripSide } from "../python_strip.ts";

/** Thrown where the interpreter has to take over. One for all, since a stack trace costs time. */
export const NOT_PLAIN = new Error("not plain");

/** Throws `NOT_PLAIN`. */
export function notPlain(): never {
  throw NOT_PLAIN;
}

/** The function `namespace`. */
export const NAMESPACE = Symbol("namespace");

/** What `namespace(…)` gives: the one value that templates may change. */
export class Namespace {
  readonly values: Map<string, unknown>;

  constructor(entries: Iterable<[string, unknown]>) {
    this.values = new Map(entries);
  }
}

/** What templates know as `loop`, but for its methods. */
export class Loop {
  readonly index: number;
  readonly index0: number;
  readonly revindex: number;
  readonly revindex0: number;
  readonly first: boolean;
  readonly last: boolean;
  readonly length: number;
  readonly previtem: unknown;
  readonly nextitem: unknown;

  constructor(items: readonly unknown[], index: number) {
    const { length } = items;
    this.index = index + 1;
    this.index0 = index;
    this.revindex = length - index;
    this.revindex0 = length - index - 1;
    this.first = index === 0;
    this.last = index === length - 1;
    this.length = length;
    this.previtem = items[index - 1];
    this.nextitem = items[index + 1];
  }
}

/** Whether a condition holds. */
export function isTrue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  if (Array.isArray(value)) return value.length > 0;
  return value instanceof Namespace || Object.keys(value).length > 0;
}

/** What `{{ value }}` prints. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined ? "" : String(integer(value));
}

/** The value, which must be text. */
export function string(value: unknown): string {
  return typeof value === "string" ? value : notPlain();
}

/** The value, which must be a whole number. */
export function integer(value: unknown): number {
  return Number.isSafeInteger(value) ? value as number : notPlain();
}

/** `a operator b`, but for `and` and `or`. */
export const OPERATORS: ReadonlyMap<string, (a: unknown, b: unknown) => unknown> = new Map<
  string,
  (a: unknown, b: unknown) => unknown
>([
  ["==", areEqual],
  ["!=", (a, b) => !areEqual(a, b)],
  ["in", isIn],
  ["not in", (a, b) => !isIn(a, b)],
  ["+", (a, b) => {
    return typeof a === "string" && typeof b === "string" ? a + b : integer(a) + integer(b);
  }],
  ["-", (a, b) => integer(a) - integer(b)],
  ["~", (a, b) => string(a) + string(b)],
  ["<", (a, b) => integer(a) < integer(b)],
  [">", (a, b) => integer(a) > integer(b)],
  ["<=", (a, b) => integer(a) <= integer(b)],
  [">=", (a, b) => integer(a) >= integer(b)],
  // Of less than zero Python's remainder is another.
  ["%", (a, b) => integer(a) >= 0 && integer(b) > 0 ? integer(a) % integer(b) : notPlain()],
]);

/** `a == b`. */
function areEqual(a: unknown, b: unknown): boolean {
  if (a === null || b === null || a === undefined || b === undefined) return a === b;
  if (typeof a === "object" || typeof b === "object") return notPlain();
  // In Python true equals 1.
  return typeof a === typeof b || typeof a === "string" || typeof b === "string"
    ? a === b
    : notPlain();
}

/** `part in whole`. */
function isIn(part: unknown, whole: unknown): boolean {
  if (typeof whole === "string") return whole.includes(string(part));
  if (Array.isArray(whole)) return whole.some((item) => areEqual(part, item));
  return isMapping(whole) ? Object.hasOwn(whole, string(part)) : notPlain();
}

/** `container.name` and `container["name"]`; undefined where there is none. */
export function field(container: unknown, name: string): unknown {
  if (container instanceof Namespace) return container.values.get(name);
  if (!isObject(container) || DICT_METHODS.has(name) || name.startsWith("_")) notPlain();
  if (Object.hasOwn(container, name)) return container[name];
  return container instanceof Loop ? notPlain() : undefined;
}

/** `value is …`. */
export const TESTS: ReadonlyMap<unknown, (value: unknown) => boolean> = new Map<
  unknown,
  (value: unknown) => boolean
>([
  ["defined", (value) => value !== undefined],
  ["undefined", (value) => value === undefined],
  ["none", (value) => value === null],
  ["string", (value) => typeof value === "string"],
  ["true", (value) => value === true],
  ["false", (value) => value === false],
  ["mapping", isMapping],
]);

/** `value.method(…)`. */
export const METHODS: ReadonlyMap<unknown, (value: unknown, args: unknown[]) => unknown> = new Map<
  unknown,
  (value: unknown, args: unknown[]) => unknown
>([
  ["strip", (value, args) => strip(value, "both", args)],
  ["lstrip", (value, args) => strip(value, "left", args)],
  ["rstrip", (value, args) => strip(value, "right", args)],
  ["startswith", (value, args) => string(value).startsWith(string(only(args)))],
  ["endswith", (value, args) => string(value).endsWith(string(only(args)))],
  ["split", (value, args) => {
    if (args.length === 0) return pythonSplit(string(value));
    const separator = string(only(args));
    return separator === "" ? notPlain() : string(value).split(separator);
  }],
  ["get", (value, [name, otherwise = null]) => {
    if (!isMapping(value)) notPlain();
    const found = field(value, string(name));
    return found === undefined ? otherwise : found;
  }],
]);

function strip(value: unknown, side: StripSide, args: unknown[]): string {
  return pythonStrip(string(value), side, args.length === 0 ? undefined : string(only(args)));
}

function only(args: unknown[]): unknown {
  return args.length === 1 ? args[0] : notPlain();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !(value instanceof Namespace) && !(value instanceof Loop);
}

/** Of a `dict` these are methods, whatever its keys are. */
const DICT_METHODS: ReadonlySet<string> = new Set([
  "clear",
  "copy",
  "fromkeys",
  "get",
  "items",
  "keys",
  "pop",
  "popitem",
  "setdefault",
  "update",
  "values",
]);
