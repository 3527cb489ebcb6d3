/** The 25 instruction types of IFEval, each a check of a response against its arguments. */
import { jsonValue } from "../../../core/json_value.ts";
import { pythonSplit, pythonStrip, SPACE } from "../../../reply/python_strip.ts";
import { labelText } from "../label_text.ts";
import { countSentences, treebankWords } from "./sentences.ts";
import { countOf, isLower, isUpper, markedLines, pythonPattern } from "./text.ts";

/** The arguments of an instruction, as the public data names them. */
export type Arguments = Record<string, unknown>;

/** An argument that is missing or of the wrong kind: the response is not judged. */
export class UnreadableInstruction extends Error {}

/** What a check may ask for. */
export interface Detector {
  /** ISO 639-1 code of a text's language, or undefined where there is nothing to tell by. */
  languageOf: (text: string) => string | undefined;
}

type Check = (response: string, args: Arguments, detector: Detector) => boolean;

const text = (args: Arguments, name: string): string => {
  const value = args[name];
  if (typeof value === "string" && value !== "") return value;
  throw new UnreadableInstruction(`${name}: must be text`);
};

const number = (args: Arguments, name: string): number => {
  const given = labelText(args[name]);
  const value = Number(given);
  if (given !== undefined && Number.isFinite(value)) return value;
  throw new UnreadableInstruction(`${name}: must be a number`);
};

const texts = (args: Arguments, name: string): string[] => {
  const value = args[name];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  throw new UnreadableInstruction(`${name}: must be a list of texts`);
};

const pattern = (source: string, flags = ""): RegExp => {
  const found = pythonPattern(source, flags);
  if (found) return found;
  throw new UnreadableInstruction(`${JSON.stringify(source)}: no pattern`);
};

/** Holds a count against `at least` or `less than` so many. */
const compare = (count: number, args: Arguments, limit: string, relation = "relation"): boolean => {
  const named = args[relation];
  if (named === "at least") return count >= number(args, limit);
  if (named === "less than") return count < number(args, limit);
  throw new UnreadableInstruction(`${relation}: must be "at least" or "less than"`);
};

const CONSTRAINED = ["My answer is yes.", "My answer is no.", "My answer is maybe."];
/** Words as NLTK 3.10 counts them: its `\w` holds combining marks too, which Python's own does not. */
const words = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]+/gu;

const CHECKS: Record<string, Check> = {
  "keywords:existence": (response, args) =>
    texts(args, "keywords").every((word) => pattern(word, "i").test(response)),
  "keywords:frequency": (response, args) =>
    compare(countOf(pattern(text(args, "keyword").trim(), "i"), response), args, "frequency"),
  "keywords:forbidden_words": (response, args) =>
    !texts(args, "forbidden_words").some((word) => pattern(`\\b${word}\\b`, "i").test(response)),
  "keywords:letter_frequency": (response, args) => {
    const letter = text(args, "letter").trim().toLowerCase();
    const count = response.toLowerCase().split(letter).length - 1;
    return compare(count, args, "let_frequency", "let_relation");
  },
  "language:response_language": (response, args, { languageOf }) => {
    const found = languageOf(response);
    return found === undefined || found === text(args, "language").split("-")[0];
  },
  "length_constraints:number_sentences": (response, args) =>
    compare(countSentences(response), args, "num_sentences"),
  "length_constraints:number_paragraphs": (response, args) => {
    const parts = response.split(new RegExp(`[${SPACE}]?\\*\\*\\*[${SPACE}]?`));
    const full = parts.filter((part) => pythonStrip(part) !== "");
    // An empty part is allowed at either end alone.
    const inner = parts.slice(1, -1);
    return inner.every((part) => pythonStrip(part) !== "") &&
      full.length === number(args, "num_paragraphs");
  },
  "length_constraints:number_words": (response, args) =>
    compare(countOf(words, response), args, "num_words"),
  "length_constraints:nth_paragraph_first_word": nthParagraph,
  "detectable_content:number_placeholders": (response, args) =>
    placeholders(response) >= number(args, "num_placeholders"),
  "detectable_content:postscript": (response, args) => {
    const marker = text(args, "postscript_marker").trim(), low = response.toLowerCase();
    const space = `[${SPACE}]?`;
    if (marker === "P.P.S") return new RegExp(`p\\.${space}p\\.${space}s`).test(low);
    if (marker === "P.S.") return new RegExp(`p\\.${space}s\\.`).test(low);
    return pattern(marker.toLowerCase()).test(low);
  },
  "detectable_format:number_bullet_lists": (response, args) => {
    const stars = markedLines(response, (at) => {
      const next = response[at + 1];
      return response[at] === "*" && next !== undefined && next !== "*" ? 2 : 0;
    });
    const dashes = markedLines(response, (at) => response[at] === "-" ? 1 : 0);
    return stars + dashes === number(args, "num_bullets");
  },
  "detectable_format:constrained_response": (response) =>
    CONSTRAINED.some((option) => response.includes(option)),
  "detectable_format:number_highlighted_sections": (response, args) => {
    const single = [...response.matchAll(/\*[^\n*]*\*/g)]
      .filter(([found]) => pythonStrip(found.replace(/^\*+|\*+$/g, "")) !== "");
    const double = [...response.matchAll(/\*\*[^\n*]*\*\*/g)]
      .filter(([found]) => pythonStrip(found.slice(2, -2)) !== "");
    return single.length + double.length >= number(args, "num_highlights");
  },
  "detectable_format:multiple_sections": (response, args) => {
    const mark = pattern(`\\s?${text(args, "section_spliter").trim()}\\s?\\d+\\s?`);
    return countOf(mark, response) >= number(args, "num_sections");
  },
  "detectable_format:json_format": (response) => isJson(response),
  "detectable_format:title": (response) => response.split("\n").some(hasTitle),
  "combination:two_responses": (response) => {
    const parts = response.split("******");
    const full = parts.filter((part) => pythonStrip(part) !== "");
    return parts.slice(1, -1).every((part) => pythonStrip(part) !== "") && full.length === 2 &&
      pythonStrip(full[0]!) !== pythonStrip(full[1]!);
  },
  "combination:repeat_prompt": (response, args) =>
    pythonStrip(response).toLowerCase()
      .startsWith(pythonStrip(text(args, "prompt_to_repeat")).toLowerCase()),
  "startend:end_checker": (response, args) => {
    const end = pythonStrip(text(args, "end_phrase")).toLowerCase();
    return pythonStrip(pythonStrip(response), "both", '"').toLowerCase().endsWith(end);
  },
  "startend:quotation": (response) => {
    const whole = pythonStrip(response);
    return whole.length > 1 && whole[0] === '"' && whole.at(-1) === '"';
  },
  "change_case:capital_word_frequency": (response, args) =>
    compare(
      treebankWords(response).filter(isUpper).length,
      args,
      "capital_frequency",
      "capital_relation",
    ),
  "change_case:english_capital": (response, _, { languageOf }) =>
    isUpper(response) && isEnglish(languageOf(response)),
  "change_case:english_lowercase": (response, _, { languageOf }) =>
    isLower(response) && isEnglish(languageOf(response)),
  "punctuation:no_comma": (response) => !response.includes(","),
};

/**
 * Whether a response follows one instruction: Google's checks of 2023 (arXiv 2311.07911) in their
 * strict form, as lm-eval 0.4.13 holds them. An empty response follows none.
 *
 * @throws {UnreadableInstruction} for a type or arguments that are none.
 */
export function follows(
  id: string,
  response: string,
  args: Arguments,
  detector: Detector,
): boolean {
  const check = Object.hasOwn(CHECKS, id) ? CHECKS[id] : undefined;
  if (!check) throw new UnreadableInstruction(`${id}: no such instruction`);
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => Boolean(value)));
  return pythonStrip(response) !== "" && check(response, given, detector);
}

/** How often `[…]` stands in a text, each on one line. */
function placeholders(response: string): number {
  let count = 0;
  for (const line of response.split("\n")) {
    for (let open = line.indexOf("["); open >= 0; open = line.indexOf("[", open)) {
      const close = line.indexOf("]", open);
      if (close < 0) break;
      count++;
      open = close;
    }
  }
  return count;
}

/** Whether a line holds `<<…>>` around something, from the first mark to the last. */
function hasTitle(line: string): boolean {
  const open = line.indexOf("<<"), close = line.lastIndexOf(">>");
  if (open < 0 || close < open + 3) return false;
  return pythonStrip(line.slice(open, close).replace(/^<+/, "").replace(/>{1,}$/, "")) !== "";
}

function isEnglish(language: string | undefined): boolean {
  return language === undefined || language === "en";
}

function nthParagraph(response: string, args: Arguments): boolean {
  const wanted = number(args, "num_paragraphs"), nth = number(args, "nth_paragraph");
  const parts = response.split("\n\n");
  const full = parts.filter((part) => pythonStrip(part) !== "").length;
  if (nth > full) return false;
  const paragraph = pythonStrip(parts[nth - 1] ?? "");
  if (paragraph === "") return false;
  const first = pythonSplit(paragraph)[0]!.replace(/^'+/, "").replace(/^"+/, "");
  const word = /^[^.,?!'"]*/.exec(first)![0].toLowerCase();
  return full === wanted && word === text(args, "first_word").toLowerCase();
}

function isJson(response: string): boolean {
  let inner = pythonStrip(response);
  for (const fence of ["```json", "```Json", "```JSON", "```"]) {
    if (inner.startsWith(fence)) inner = inner.slice(fence.length);
  }
  if (inner.endsWith("```")) inner = inner.slice(0, -3);
  return jsonValue(pythonStrip(inner)) !== undefined;
}
