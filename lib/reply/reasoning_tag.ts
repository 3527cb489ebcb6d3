/** Tags that models put around reasoning, whichever format was asked for. */

/** Whether a text holds a tag of reasoning, in any of the spellings that models use. */
export function holdsReasoningTag(text: string): boolean {
  return text.includes("<") && /<\/?(?:think|thinking|thought|reasoning)>/i.test(text);
}
