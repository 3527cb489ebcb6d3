/** What a zod schema holds against a value, in plain words. */
import { z } from "zod";

const TYPES: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** The first field that breaks a rule, empty where the value itself does, and the rule. */
export function firstFault(error: z.ZodError): { field: string; rule: string } {
  const issue = error.issues[0]!;
  return { field: z.core.toDotPath(issue.path), rule: ruleWords(issue) };
}

/** The rule that a value breaks, to stand behind its name: `must be a number`. */
export function ruleWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${
        issue.values.map((value) => JSON.stringify(value)).join(", ")
      }`;
    case "too_small":
      return bound(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum);
    case "too_big":
      return bound(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum);
    case "invalid_format":
      return issue.format === "url" ? "must be an address, such as https://host" : issue.message;
    case "unrecognized_keys":
      return `unknown: ${issue.keys.join(", ")}`;
    case "invalid_union": {
      const rules = issue.errors.flatMap((issues) => issues.slice(0, 1).map(ruleWords));
      return [...new Set(rules)].join(", or ") || "of no known form";
    }
    default:
      return issue.message;
  }
}

function bound(of: string, word: string, limit: number | bigint): string {
  if (of === "string") {
    return limit === 1 && word === "at least"
      ? "must not be empty"
      : `must have ${word} ${limit} characters`;
  }
  if (of === "array" || of === "set") {
    return `must hold ${word} ${limit}${word === "at least" && limit === 1 ? "" : " entries"}`;
  }
  return `must be ${word} ${limit}`;
}
