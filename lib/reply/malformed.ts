/** The rules of the reply formats, in words. */

/** The rules that a reply can break, and what each says. */
export const MALFORMED = {
  cut_by_length: "cut by the token limit, whatever it holds so far",
  cut_by_provider:
    "withheld or cut by the provider (content filter, recitation, an unknown reason)",
  missing_tag: "a tag of the format is not there",
  nested_tag: "a tag opens inside another",
  repeated_tag: "a tag stands more than once",
  misplaced_tag: "each tag stands once, in a wrong order",
  unexpected_tag: "a tag that has no place in this format: a thought in a format without one",
  text_before_start: "text before the first tag",
  text_between_parts: "text between the thought and the response",
  text_after_end: "text after the closing tag",
  empty_part: "the thought or the answer is empty",
} as const;

/** Why a reply is malformed: `malformed` is one of these, or null. */
export type MalformedReason = keyof typeof MALFORMED;
/** The rules that a reply can break. */
export const MALFORMED_REASONS = Object.keys(MALFORMED) as readonly MalformedReason[];
