/** Where an answer states its result: the spans that may be it, the likeliest first. */
import { boxedContents } from "./tidy.ts";

/** A piece of an answer that may be its result. */
export interface Span {
  /** Its text: LaTeX without its delimiters, or a plain number or sum. */
  text: string;
  kind: "latex" | "plain";
  /** Followed by a percent sign that its delimiters leave out. */
  percent: boolean;
}

interface Found extends Span {
  start: number;
  end: number;
}

const DELIMITED = [
  /(?<!\\)\$\$((?:[^$]|\$(?!\$))+?)(?<!\\)\$\$/g,
  /(?<!\\)\\\[((?:[^\\]|\\(?!\]))+?)\\\]/g,
  /(?<!\\|\d)\$((?:\\\$|[^\n$])+?)(?<!\\)\$/g,
  /(?<!\\)\\\(((?:[^\\\n]|\\(?!\)))+?)\\\)/g,
  /(-?\\[dtc]?frac\{-?\d+(?:[.,]\d+)?\}\{-?\d+(?:[.,]\d+)?\})/g,
];
const PERCENT = /^\s*(?:\\?%|[Pp]ercent|[Pp]ct)/;

const NUMBER = "-?[1-9]\\d{0,2}(?:[ ,]\\d{3})+(?:\\.\\d+)?(?!\\d)|-?\\d+[.,]\\d+|\\.\\d+|-?\\d+";
const SUM = "-?\\(?-?\\d[\\d.\\s+\\-*×/^()÷]{0,60}?[+\\-*×/^()÷][\\d.\\s+\\-*×/^()÷]{0,60}\\)?";
const CURRENCY = "[$€£¥₹₩₽฿]?";
const PLAIN = [
  new RegExp(`(?:^|[\\s=])(?:\\*\\*)?(${SUM})(?:\\*\\*)?(?=[.,:\\s)$]|$)`, "g"),
  new RegExp(
    `(?:^|[\\s=])(?:\\*\\*)?${CURRENCY}(${NUMBER})(?<!\\d\\s)(\\s*(?:%|[Pp]ercent|[Pp]ct))?`,
    "g",
  ),
];

/** How far after an anchor its result may begin, in characters. */
const REACH = 50;
const ANCHORS: { pattern: RegExp; rank: number; equals: boolean }[] = [
  { pattern: /final answer[^]{0,100}?\s?is:?\s*/gi, rank: 1, equals: false },
  { pattern: /answer:/gi, rank: 3, equals: true },
  { pattern: /answer/gi, rank: 4, equals: true },
];

/**
 * The spans in which a result may stand, likeliest first: after "final answer is", in `\boxed`,
 * after "answer", then whatever stands last. The order is that of Hugging Face's Math-Verify 0.9,
 * whose verdicts this rule gives.
 */
export function resultSpans(text: string): Span[][] {
  const latex = delimited(text), plain = numbers(text);
  const ranked = new Map<number, Found[]>();
  const add = (rank: number, span: Found) => {
    ranked.set(rank, [...(ranked.get(rank) ?? []), span]);
  };
  for (const { pattern, rank, equals } of ANCHORS) {
    for (const spans of [latex, plain]) {
      for (const { 0: anchor, index } of text.matchAll(pattern)) {
        const from = index + anchor.length;
        const reach = rank === 1 ? 2 : REACH;
        const near = spans.find(({ start }) => start >= from - 1 && start <= from + reach);
        if (near && /^\.?\s?I hope/.test(text.slice(near.end))) add(0, near);
        if (near) add(rank, near);
        if (!equals || spans !== plain) continue;
        // "answer … = 5": the last number behind an equals sign on that line.
        const line = text.slice(from, from + 130).split("\n")[0]!.length + from;
        const behind = spans.findLast(({ start, end }) =>
          start >= from && end <= line && /=\s*$/.test(text.slice(from, start)) &&
          !/^\s*=/.test(text.slice(end))
        );
        if (behind) add(rank, behind);
      }
    }
  }
  for (const span of latex) if (/\\boxed\s*\{/.test(span.text)) add(2, span);
  const bare = boxedContents(text, "last");
  if (bare.length > 0) {
    const start = text.indexOf("\\boxed");
    add(2, {
      text: bare.join(","),
      kind: "latex",
      percent: false,
      start,
      end: text.lastIndexOf("}") + 1,
    });
  }
  for (const span of [...latex, ...plain]) add(5, span);
  return [...ranked.entries()].sort(([a], [b]) => a - b).map(([, spans]) =>
    spans.sort((a, b) => b.end - a.end || a.start - b.start)
  );
}

/** What stands between LaTeX's delimiters; pieces that "and" or a comma joins are one. */
function delimited(text: string): Found[] {
  const found: Found[] = [];
  for (const pattern of DELIMITED) {
    for (const match of text.matchAll(pattern)) {
      const start = match.index, end = start + match[0].length;
      if (found.some((other) => start < other.end && other.start < end)) continue;
      const percent = PERCENT.exec(text.slice(end, end + 20));
      found.push({
        text: match[1]!,
        kind: "latex",
        percent: percent !== null,
        start,
        end: end + (percent?.[0].length ?? 0),
      });
    }
  }
  found.sort((a, b) => a.start - b.start);
  const joined: Found[] = [];
  for (const span of found) {
    const last = joined.at(-1);
    if (last && /^\s*(?:,?and|,?or|,)\s*$/.test(text.slice(last.end, span.start))) {
      last.text = `${last.text},${span.text}`;
      last.end = span.end;
    } else joined.push({ ...span });
  }
  return joined;
}

function numbers(text: string): Found[] {
  const found: Found[] = [];
  for (const pattern of PLAIN) {
    for (const match of text.matchAll(pattern)) {
      const inner = match[1]!;
      const start = match.index + match[0].indexOf(inner);
      found.push({
        text: inner.trim(),
        kind: "plain",
        percent: match[2] !== undefined,
        start,
        end: match.index + match[0].length,
      });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
