/** What a piece of mathematics is: a number, a set, a tuple, an interval, a relation, a word. */
import { ComputeEngine } from "@cortex-js/compute-engine";
import type { MathJson } from "./evaluate.ts";
import { tidy } from "./tidy.ts";

/** An interval's end. */
export interface End {
  at: MathJson;
  open: boolean;
}

/** A parsed result. */
export type Value =
  | { kind: "number"; json: MathJson; percent: boolean }
  | { kind: "set" | "tuple"; of: Value[] }
  | { kind: "intervals"; of: { from: End; to: End }[] }
  | { kind: "relation"; operators: string[]; sides: Value[] }
  | { kind: "matrix"; rows: MathJson[][] }
  | { kind: "word"; text: string };

const RELATIONS = ["Equal", "Less", "LessEqual", "Greater", "GreaterEqual", "NotEqual"];

/** Longer texts are no results; parsing them is not worth the time. */
const LONGEST = 1_000;

let engine: ComputeEngine | undefined;

/**
 * What LaTeX, or a plain sum, says; undefined where it says nothing that this can read.
 *
 * Parser: Cortex' Compute Engine, in its raw form, which evaluates nothing.
 */
export function valueOf(tex: string, percent = false): Value | undefined {
  if (tex.length > LONGEST) return undefined;
  let text = tidy(tex);
  const sign = /\s*\\%$/.exec(text);
  if (sign) text = text.slice(0, sign.index);
  if (text === "") return undefined;
  const word = /^\\text\s*\{([^{}]*)\}$/.exec(text)?.[1];
  if (word !== undefined) return { kind: "word", text: word.trim() };
  engine ??= new ComputeEngine();
  try {
    const json = engine.parse(text, { form: "raw" }).json as MathJson;
    const value = fromJson(json, percent || sign !== null);
    // Only a number can be so many percent.
    return sign !== null && value?.kind !== "number" ? undefined : value;
  } catch {
    return undefined;
  }
}

function fromJson(json: MathJson, percent = false): Value | undefined {
  if (typeof json === "string" && json.startsWith("'")) {
    return { kind: "word", text: json.slice(1, -1).trim() };
  }
  if (!Array.isArray(json)) return { kind: "number", json, percent };
  const [head, ...args] = json;
  if (JSON.stringify(json).includes('["Error"')) return undefined;
  if (head === "Delimiter") return delimited(args, percent);
  if (head === "Sequence" || head === "Set") return listOf(args, "set");
  if (head === "List" || head === "Tuple" || head === "Pair") return listOf(args, "tuple");
  if (head === "Measurement" || head === "PlusMinus") {
    const [middle, by] = args.length > 1 ? args : [0, args[0]!];
    return listOf([["Add", middle!, by!], ["Subtract", middle!, by!]], "set");
  }
  if (head === "Interval") {
    return { kind: "intervals", of: [{ from: endOf(args[0]!), to: endOf(args[1]!) }] };
  }
  if (head === "Union") return unionOf(args);
  if (RELATIONS.includes(head)) return relationOf(json);
  if (head === "Matrix") return matrixOf(args[0]);
  return { kind: "number", json, percent };
}

/** Brackets: of one thing they group it, of several they make a tuple or, bare, a set. */
function delimited(args: MathJson[], percent: boolean): Value | undefined {
  const [inner, how] = args;
  if (inner === undefined) return undefined;
  const around = typeof how === "string" ? how.replace(/^'|'$/g, "") : "";
  const parts = Array.isArray(inner) && inner[0] === "Sequence"
    ? inner.slice(1) as MathJson[]
    : [inner];
  if (parts.length === 1) return fromJson(parts[0]!, percent);
  return listOf(parts, /^[([]/.test(around) ? "tuple" : "set");
}

function listOf(parts: MathJson[], kind: "set" | "tuple"): Value | undefined {
  const of = parts.map((part) => fromJson(part));
  if (of.some((value) => value === undefined)) return undefined;
  // Of "x = 1, 2" only the first has the name.
  return { kind, of: of as Value[] };
}

function endOf(json: MathJson): End {
  return Array.isArray(json) && json[0] === "Open"
    ? { at: json[1] as MathJson, open: true }
    : { at: json, open: false };
}

function unionOf(args: MathJson[]): Value | undefined {
  const parts = args.map((arg) => fromJson(arg));
  const of: { from: End; to: End }[] = [];
  for (const part of parts) {
    const intervals = part && asIntervals(part);
    if (!intervals) return undefined;
    of.push(...intervals);
  }
  return { kind: "intervals", of };
}

/** A value as intervals: a pair in round brackets may be one. */
export function asIntervals(value: Value): { from: End; to: End }[] | undefined {
  if (value.kind === "intervals") return value.of;
  const [from, to] = value.kind === "tuple" && value.of.length === 2 ? value.of : [];
  if (from?.kind !== "number" || to?.kind !== "number") return undefined;
  return [{ from: { at: from.json, open: true }, to: { at: to.json, open: true } }];
}

/** `a < b <= c` is nested to the left; here it is one chain. */
function relationOf(json: MathJson): Value | undefined {
  const sides: MathJson[] = [], operators: string[] = [];
  const unfold = (part: MathJson) => {
    if (!Array.isArray(part) || !RELATIONS.includes(part[0])) {
      sides.push(part);
      return;
    }
    (part.slice(1) as MathJson[]).forEach((side, index) => {
      if (index > 0) operators.push(part[0]);
      unfold(side);
    });
  };
  unfold(json);
  const values = sides.map((side) => fromJson(side));
  if (values.some((value) => value === undefined)) return undefined;
  return { kind: "relation", operators, sides: values as Value[] };
}

function matrixOf(json: MathJson | undefined): Value | undefined {
  if (!Array.isArray(json)) return undefined;
  const rows = (json.slice(1) as MathJson[]).map((row) =>
    Array.isArray(row) ? row.slice(1) as MathJson[] : [row]
  );
  return { kind: "matrix", rows };
}
