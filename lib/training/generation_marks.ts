/** Where `{% generation %}` begins and ends in a rendered text, as transformers' mask needs it. */
import { type ChatTemplate, chatTemplateOf } from "../reply/chat_template.ts";

// Private characters, which no tokenizer's template holds.
const BEGIN = "\u{f5a0}\u{f5a1}", END = "\u{f5a2}\u{f5a3}";

/** A block's tag with what Jinja takes away after it: a line's end, or all white space. */
const TAG = /(\{%[-+]?\s*(end)?generation\s*(?:-%\}\s*|\+?%\}\n?))/g;

/** The template with marks where assistant turns begin and end; null where it has no such blocks. */
export function markGeneration(template: ChatTemplate, now: () => Date): ChatTemplate | null {
  let found = false;
  const text = template.text.replaceAll(TAG, (tag, _, end) => {
    found = true;
    return `${tag}{{ '${end ? END : BEGIN}' }}`;
  });
  const { file, specialTokens } = template;
  return found ? chatTemplateOf(text, { file, specialTokens: { ...specialTokens }, now }) : null;
}

/** The text without marks, and the spans between them. */
export function generationSpans(marked: string): { text: string; spans: [number, number][] } {
  const spans: [number, number][] = [];
  let text = "", from = 0;
  for (const piece of marked.split(new RegExp(`(${BEGIN}|${END})`))) {
    if (piece === BEGIN) from = text.length;
    else if (piece === END) spans.push([from, text.length]);
    else text += piece;
  }
  return { text, spans: spans.filter(([start, end]) => end > start) };
}
