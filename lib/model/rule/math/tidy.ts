/** LaTeX as people and models write it, made into what a parser reads. */

/** Words that say what a number counts: they are no part of its value. */
const UNIT_WORDS =
  "degree deg feet foot ft inch inche in mile mph km cm mm dm meter metre m yard kg " +
  "gram g mg lb pound liter litre ml l hour hr minute min second sec s day week month year yr " +
  "dollar cent unit point student way apple coin more square cubic";
const UNITS = new RegExp(
  `(?:\\\\(?:text|mbox|mathrm|textrm|rm)\\s*\\{[^{}]*\\}` +
    `|(?<=[\\d}\\s])\\s*(?:${UNIT_WORDS.replaceAll(" ", "|")})s?)` +
    `(?:\\s*\\^\\s*(?:\\d|\\{\\d\\}))?\\s*$`,
);

/** The contents of `\boxed{…}`: all of them, or those of the last group that belongs together. */
export function boxedContents(text: string, which: "all" | "last"): string[] {
  const found: { start: number; end: number; content: string }[] = [];
  for (const { 0: command, index } of text.matchAll(/\\f?box(?:ed)?\s*\{/g)) {
    if (!/^\\(?:boxed|fbox)/.test(command)) continue;
    const open = index + command.length;
    const close = closingBrace(text, open);
    const end = close < 0 ? text.length : close;
    if (found.length > 0 && index < found.at(-1)!.end) continue;
    found.push({ start: index, end, content: text.slice(open, end).trim() });
  }
  if (which === "all") return distinct(found.map(({ content }) => content));
  const group: string[] = [];
  for (let at = found.length - 1; at >= 0; at--) {
    const next = found[at + 1];
    if (next !== undefined) {
      const between = text.slice(found[at]!.end + 1, next.start);
      const joined = between.length < 10 || (found[at]!.content !== next.content &&
        between.length < 70 && /\b(?:and|or)\b|[,;]/.test(between));
      if (!joined) break;
    }
    group.unshift(found[at]!.content);
  }
  return distinct(group);
}

function distinct(texts: string[]): string[] {
  return texts.filter((text, at) => text !== texts[at - 1]);
}

/** The place of the brace that closes what is open before `at`; -1 where there is none. */
function closingBrace(text: string, at: number): number {
  for (let depth = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** Pairs of what is replaced, in order. Each pattern is linear in the text. */
const REPLACED: [RegExp, string][] = [
  [/\\m?(?:left|right|big|Big|bigg|Bigg)[lr]?(?=\s*(?:\\[{}|a-z]|[()[\]|.{}]))\s*\.?/g, ""],
  [/\\displaystyle|\\!|\\,|\\;|\\:|\\ (?=\s|$)|\\quad|\\qquad|\\limits|\\mathop/g, " "],
  [/\\\$|\$|\\text\s*\{\s*\}|(?<!\\)["']/g, ""],
  [/\\[dtc]frac/g, "\\frac"],
  [/\\math(?:rm|it|bf|sf)|\\text(?:normal|bf|it|rm|sf)|\\mbox/g, "\\text"],
  [/\\mathrm\{th\}|\^\{?\\text\s*\{\s*(?:st|nd|rd|th)\s*\}\}?/g, ""],
  [/\{\s*,\s*\}/g, ","],
  [/,?\s*\\text\s*\{\s*(?:and|or)\s*\}/g, ","],
  [/(?<![a-zA-Z\\{])(?:,\s*)?(?:and|or)(?![a-zA-Z}])/g, ","],
  [/,?\s*\\l?dots/g, " "],
  [
    /\\text\s*\{\s*(?:percent|percentage|pct)\s*\}|\\%|(?<!\\)%|\bpercent(?:age)?\b|\bpct\b/g,
    "\\%",
  ],
  [/(?<![)\]])(?:\^\s*(?:\\circ|\{\s*\\circ\s*\})|\\degree|°)/g, ""],
  [/(?<![a-zA-Z\\])(?:infinity|inf)(?![a-zA-Z])|∞/g, "\\infty "],
  [/(?<![a-zA-Z\\])sqrt\s*\(([^()]*)\)/g, "\\sqrt{$1}"],
  [/(?<![a-zA-Z\\])pi(?![a-zA-Z])|π/g, "\\pi "],
  [/√\s*\(([^()]*)\)/g, "\\sqrt{$1}"],
  [/√\s*(\d+|[a-z])/g, "\\sqrt{$1}"],
  [/[−–]/g, "-"],
  [/×/g, "\\times "],
  [/÷/g, "/"],
  [/\^\s?\(([^()]*)\)/g, "^{$1}"],
  [/\*\*/g, "^"],
  [/(?<=\d),(?=\d{3}(?!\d))(?![^()[\]{}]*[)\]])/g, ""],
  [/\\frac\s*(\d)\s*(\d)/g, "\\frac{$1}{$2}"],
  [/\\frac\s*(\{[^{}]*\})\s*(\d)/g, "\\frac$1{$2}"],
  [/\\frac\s*(\d)\s*(\{)/g, "\\frac{$1}$2"],
  [/\\sqrt\s*(\d)/g, "\\sqrt{$1}"],
  [/(^|[\s{(,])\.(?=\d)/g, "$10."],
  [/(?<=\d)\s*:\s*(?=\d)/g, "/"],
  // A numeral's base is said, not reckoned with: as Math-Verify does.
  [/(?<=\d)_(?:\d+|\{\d+\})/g, ""],
];

/** An expression's LaTeX without what only dresses it: sizes, spaces, units, currency, degrees. */
export function tidy(tex: string): string {
  let text = tex.replace(/\s+/g, " ").trim();
  for (const [pattern, by] of REPLACED) text = text.replace(pattern, by);
  text = text.trim().replace(/^[.,;:]+|[.,;:]+$/g, (mark) => mark.startsWith(".") ? mark : "")
    .trim();
  text = text.replace(/(?<=\d|\}|\))\s*\.$/, "");
  for (let turn = 0; turn < 2; turn++) {
    const bare = text.replace(UNITS, "").trim();
    if (bare !== "") text = bare;
  }
  return text;
}
