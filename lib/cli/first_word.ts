/** What a command shows before it has anything to tell: that it is at work. */
import type { StageContext } from "../core/context.ts";

/** Where lines are written one after the other, silence for so long wants a word. */
const PLAIN_MS = 5_000;

/** How a terminal forgets the line that the cursor stands in. */
const CLEAR = "\r\x1b[2K";

/** A context whose first line takes the place of "at work", and what takes that away at the end. */
export interface FirstWord {
  context: StageContext;
  end: () => void;
}

/**
 * Shows at once on a terminal, and after some seconds elsewhere, that a command is at work, until
 * it logs something. Wrong options are so still answered in a single line.
 */
export function firstWord(
  name: string,
  context: StageContext,
  isTerminal = Deno.stderr.isTerminal(),
  write: (text: string) => unknown = (text) =>
    Deno.stderr.writeSync(new TextEncoder().encode(text)),
): FirstWord {
  if (context.progress === "none") return { context, end: () => {} };
  const isLive = isTerminal && context.progress === "auto";
  let waits = true;
  const timer = isLive ? undefined : setTimeout(() => {
    waits = false;
    context.log(`${name}: at work: opening models, reading the input`);
  }, PLAIN_MS);
  if (timer !== undefined) Deno.unrefTimer(timer);
  // Short, and the cursor back at its start: whatever is printed next covers it.
  else write(`${CLEAR}${name}: at work …\r`);
  const end = () => {
    if (!waits) return;
    waits = false;
    clearTimeout(timer);
    if (isLive) write(CLEAR);
  };
  const log = (line: string) => {
    end();
    context.log(line);
  };
  return { context: { ...context, log }, end };
}
