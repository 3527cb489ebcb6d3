/** `rule/number`: whether an answer states the wanted number. */
import { type Rule, unread, type Verdict, verdict } from "./verdict.ts";

/** How far a number may be off, where the label does not say: relative, and absolute near zero. */
const TOLERANCE = 1e-6;

/** A number as an answer states it. */
interface Quantity {
  value: number;
  percent: boolean;
  /** The word behind it, in small letters and singular; empty where there is none. */
  unit: string;
}

/**
 * The rule of equal numbers. The label is a number, a text that holds one ("1,200 km", "#### 72"),
 * or `{value, unit, tolerance}`, `tolerance` being relative (default: 1e-6); of a list any is right.
 *
 * Of an answer the number counts that it states as its result: in `\boxed{}`, behind "####", behind
 * "answer is" or the last "=" there, else the last one. Thousands may be set apart by commas, spaces
 * or apostrophes; a comma between other digits is not read. Fractions (3/4) and powers of ten
 * (1.5e3) are; 50% is 0.5, and also 50 where the label has no sign; a unit must be the label's where
 * both have one.
 *
 * @example
 * ```ts
 * import { numberRule } from "./number.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(numberRule("She pays $1,250.00 in all.", 1250).score, 1);
 * assert.equal(numberRule("Between 3 and 4, I guess", 3).score, 0);
 * ```
 */
export const numberRule: Rule = (answer, label) => {
  if (!Array.isArray(label)) return against(answer, label);
  const verdicts = Array.from(label, (each) => against(answer, each));
  return verdicts.find(({ score }) => score === 1) ??
    verdicts.find(({ unread }) => unread === undefined) ?? verdicts[0] ?? NO_NUMBER;
};

const NO_NUMBER = unread("the label holds no number");

function against(answer: string, label: unknown): Verdict {
  const { wanted, tolerance } = labelOf(label);
  if (!wanted) return NO_NUMBER;
  const given = stated(answer);
  if (!given) return unread("no number in the answer");
  const [one, other] = [UNIT_WORDS.get(wanted.unit), UNIT_WORDS.get(given.unit)];
  if (one !== undefined && other !== undefined && one !== other) return verdict(false);
  const near = (a: number, b: number) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a));
  const plainly = ({ value, percent }: Quantity) => percent ? value / 100 : value;
  if (wanted.percent === given.percent) return verdict(near(plainly(wanted), plainly(given)));
  const [share, plain] = wanted.percent ? [wanted, given] : [given, wanted];
  return verdict(near(share.value / 100, plain.value) || near(share.value, plain.value));
}

function labelOf(label: unknown): { wanted: Quantity | undefined; tolerance: number } {
  if (typeof label === "object" && label !== null && !Array.isArray(label)) {
    const { value, unit, tolerance } = label as Record<string, unknown>;
    const { wanted } = labelOf(value);
    const named = typeof unit === "string"
      ? { percent: unit.trim() === "%", unit: word(unit) }
      : {};
    return {
      wanted: wanted && { ...wanted, ...named },
      tolerance: typeof tolerance === "number" && tolerance >= 0 ? tolerance : TOLERANCE,
    };
  }
  if (typeof label === "number" || typeof label === "bigint") {
    const value = Number(label);
    const wanted = Number.isFinite(value) ? { value, percent: false, unit: "" } : undefined;
    return { wanted, tolerance: TOLERANCE };
  }
  return { wanted: typeof label === "string" ? stated(label) : undefined, tolerance: TOLERANCE };
}

const DIGITS = "\\d{1,3}(?:[,\\u00a0\\u202f'\\u2019 ]\\d{3})+(?!\\d)|\\d+";
const QUANTITY = new RegExp(
  `(?<![\\d.,\\p{L}_])([-+\\u2212]?)\\s?[$\\u20ac\\u00a3\\u00a5\\u20b9]?\\s?` +
    `((?:${DIGITS})(?:\\.\\d+)?|\\.\\d+)(?!\\d|[.,]\\d)(?:e([-+]?\\d{1,3}))?(?:\\s?/\\s?(\\d+(?:\\.\\d+)?))?` +
    `\\s*(%|\\\\%|percent\\b|\\p{L}+)?`,
  "giu",
);

/** What an answer states as its result. */
function stated(text: string): Quantity | undefined {
  const plain = text.replace(/\\(?:text|mathrm)\{([^{}]*)\}/g, "$1").replace(
    /\\[,!; ]|\{,\}|\*\*|\\\$/g,
    "",
  )
    .replace(/\\[dt]?frac\{(-?[\d.]+)\}\{([\d.]+)\}/g, "$1/$2");
  const boxed = [...plain.matchAll(/\\boxed\{([^{}]*)\}/g)].at(-1)?.[1];
  const marked = boxed ?? /^[^]*####\s*([^\n]*)/.exec(plain)?.[1];
  if (marked !== undefined) return last(marked);
  const anchor = [...plain.matchAll(/answer(?:\s+is|\s*:|\s*=)\s*([^\n]*)/gi)].at(-1)?.[1];
  if (anchor === undefined) return last(plain);
  // "The answer is 5 + 3 = 8", but not "8 (= 5 + 3)".
  const result = anchor.split("(", 1)[0]!.split("=").at(-1)!;
  return first(result) ?? first(anchor) ?? last(plain);
}

const first = (text: string) => quantities(text)[0];
const last = (text: string) => quantities(text).at(-1);

function quantities(text: string): Quantity[] {
  const found: Quantity[] = [];
  for (const [, sign, digits, power, below, unit = ""] of text.matchAll(QUANTITY)) {
    const whole = Number(digits!.replace(/[,\u00a0\u202f'\u2019 ]/g, ""));
    const value = whole * 10 ** Number(power ?? 0) / Number(below ?? 1) *
      (sign && sign !== "+" ? -1 : 1);
    if (!Number.isFinite(value)) continue;
    const percent = /^(?:\\?%|percent)$/i.test(unit);
    found.push({ value, percent, unit: percent ? "" : word(unit) });
  }
  return found;
}

function word(unit: string): string {
  const small = unit.trim().toLowerCase();
  return UNIT_WORDS.has(small) ? small : small.replace(/(?<=\p{L}{2})s$/u, "");
}

/** Units by their names: two of different rows are different things. */
const UNIT_WORDS = new Map<string, string>(
  [
    "mm millimeter millimetre",
    "cm centimeter centimetre",
    "m meter metre",
    "km kilometer kilometre",
    "in inch inche",
    "ft foot feet",
    "yd yard",
    "mi mile",
    "mg milligram",
    "g gram gramme",
    "kg kilogram kilo",
    "t ton tonne",
    "oz ounce",
    "lb pound",
    "ml milliliter millilitre",
    "l liter litre",
    "gal gallon",
    "s sec second",
    "min minute",
    "h hr hour",
    "d day",
    "week",
    "month",
    "y yr year",
    "c celsius",
    "f fahrenheit",
    "k kelvin",
    "degree deg",
    "radian rad",
    "dollar usd",
    "cent",
    "euro eur",
  ].flatMap((row) => row.split(" ").map((name, _, all): [string, string] => [name, all[0]!])),
);
