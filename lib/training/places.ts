/** Where the turns of a row stand in what a trainer made of it. */
import { pythonStrip } from "../reply/python_strip.ts";
import { type ChatMessage, partsOfTurn, type TurnParts } from "../reply/turn_parts.ts";

/** Two places in a text. */
export type Span = readonly [from: number, to: number];

/** A turn of the row, and where its parts were found. */
export interface PlacedTurn {
  message: ChatMessage;
  isAssistant: boolean;
  parts: TurnParts;
  /** Of other turns: the content. */
  content: Span | null;
  thought: Span | null;
  answer: Span | null;
  /** All that stands between the turns before and after it. */
  region: Span;
}

/** Between a thought and its answer a template writes tags: what is further away is another turn's. */
const LONGEST_GAP = 200;

/**
 * Finds the turns' parts from the end of the text to its beginning: after a turn stands little but
 * tags, while what stands before it may hold its words by chance.
 */
export function placesOf(text: string, turns: readonly ChatMessage[]): PlacedTurn[] {
  const placed: PlacedTurn[] = [];
  let end = text.length;
  const find = (part: string | null, before: number): Span | null => {
    if (part === null || part === "") return null;
    const at = text.lastIndexOf(part, before - part.length);
    return at < 0 || before < part.length ? null : [at, at + part.length];
  };
  for (const message of turns.toReversed()) {
    const isAssistant = message.role === "assistant";
    const parts = partsOfTurn(message);
    const own = typeof message.content === "string" ? pythonStrip(message.content) : null;
    const answer = isAssistant ? find(parts.answer, end) : null;
    const content = isAssistant ? null : find(own, end);
    const before = answer?.[0] ?? content?.[0] ?? end;
    const found = isAssistant ? find(parts.thought, before) : null;
    const thought = found !== null && before - found[1] <= LONGEST_GAP ? found : null;
    placed.push({ message, isAssistant, parts, content, thought, answer, region: [0, end] });
    end = thought?.[0] ?? before;
  }
  placed.reverse();
  for (const [index, turn] of placed.entries()) {
    const last = placed[index - 1];
    const from = last?.answer?.[1] ?? last?.content?.[1] ?? last?.thought?.[1] ?? 0;
    turn.region = [Math.min(from, turn.region[1]), turn.region[1]];
  }
  return placed;
}

/** How often a part stands in a span, other occurrences left out that overlap `except`. */
export function countIn(text: string, part: string, span: Span, except: Span | null): number {
  let count = 0;
  for (let at = text.indexOf(part, span[0]); at >= 0 && at + part.length <= span[1];) {
    const end = at + part.length;
    if (except === null || end <= except[0] || at >= except[1]) count++;
    at = text.indexOf(part, end);
  }
  return count;
}
