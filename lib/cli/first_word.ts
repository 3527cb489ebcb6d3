/** What a command shows before it has anything to tell: that it is at work. */
import type { StageContext } from "../core/context.ts";
import { StatusLine, type Terminal } from "../run/status_line.ts";

/** Where lines are written one after the other, silence for so long wants a word. */
const SILENCE_MS = 5_000;

/** A context whose first line takes the place of "at work", and what takes that away at the end. */
export interface FirstWord {
  context: StageContext;
  end: () => void;
}

/**
 * Shows at once on a terminal, and after some seconds elsewhere, that a command is at work, until
 * it logs something. Wrong options are so still answered in a single line.
 */
export function firstWord(name: string, context: StageContext, terminal?: Terminal): FirstWord {
  if (context.progress === "none") return { context, end: () => {} };
  const line = new StatusLine(context, terminal);
  let waits = true;
  const timer = line.isLive ? undefined : setTimeout(() => {
    waits = false;
    context.log(`${name}: at work: opening models, reading the input`);
  }, SILENCE_MS);
  if (timer !== undefined) Deno.unrefTimer(timer);
  // Short, and the cursor back at its start: whatever is printed next covers it.
  else line.show(`${name}: at work …\r`, context.monotonic());
  const end = () => {
    if (!waits) return;
    waits = false;
    clearTimeout(timer);
    line.clear();
  };
  const log = (line: string) => {
    end();
    context.log(line);
  };
  return { context: { ...context, log }, end };
}
