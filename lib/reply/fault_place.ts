/** Where in a malformed reply its rule is broken, for showing it to a person. */
import type { Format } from "../core/records.ts";
import { rules, type TagPlace, tagsIn } from "./format.ts";
import type { MalformedReason } from "./malformed.ts";

/** A part of a text, in UTF-16 units; empty where something is missing there. */
export interface Place {
  /** Where it begins, in characters. */
  from: number;
  /** Where it ends. */
  to: number;
}

/**
 * The place in a reply's text, the prefill not included, at which it breaks the rule that its record
 * names; the end of the text where it was cut, or where a tag is missing that should have followed.
 *
 * @example
 * ```ts
 * import { faultPlace } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const text = "<response> 4 </response> Bye.";
 * const { from, to } = faultPlace("prompted-nothink", text, "text_after_end");
 * assert.equal(text.slice(from, to), " Bye.");
 * ```
 */
export function faultPlace(format: Format, text: string, reason: string): Place {
  const { order, tags, prefill } = rules[format];
  const opening = prefill.trim();
  const added = opening !== "" && !text.trimStart().startsWith(opening) ? prefill : "";
  const whole = added + text;
  const found = tagsIn(whole, tags);
  const { from, to } = placeIn(reason as MalformedReason, found, { order, length: whole.length });
  const cut = (at: number) => Math.min(text.length, Math.max(0, at - added.length));
  return { from: cut(from), to: cut(to) };
}

function placeIn(
  reason: MalformedReason,
  tags: readonly TagPlace[],
  { order, length }: { order: readonly string[]; length: number },
): Place {
  const end = { from: length, to: length };
  const between = (before: TagPlace | undefined, after: TagPlace | undefined): Place => (
    { from: before?.to ?? 0, to: after?.from ?? length }
  );
  switch (reason) {
    case "missing_tag": {
      const missing = order.findIndex((name) => !tags.some((tag) => tag.name === name));
      const next = tags.find(({ name }) => order.indexOf(name) > missing);
      return next === undefined ? end : { from: next.from, to: next.from };
    }
    case "unexpected_tag":
      return tags.find(({ name }) => !order.includes(name)) ?? end;
    case "nested_tag":
      return tags.find(({ name }, at) => opens(name) && at > 0 && opens(tags[at - 1]!.name)) ?? end;
    case "repeated_tag":
      return tags.find(({ name }, at) => tags.findIndex((tag) => tag.name === name) < at) ?? end;
    case "misplaced_tag":
      return tags.find(({ name }, at) => name !== order[at]) ?? end;
    case "text_before_start":
      return between(undefined, tags[0]);
    case "text_between_parts":
      return between(tags[1], tags[2]);
    case "text_after_end":
      return between(tags.at(-1), undefined);
    default:
      return end;
  }
}

function opens(tag: string): boolean {
  return !tag.startsWith("</");
}
