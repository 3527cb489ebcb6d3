/** Teacher's records of many kinds of text, the same on each run. */
import type { Message, ScoredRecord, TeacherRecord } from "../../lib/core/records.ts";
import { scoredRecord, teacherRecord } from "../dataset/records.ts";

const PIECES = [
  "Let me add: 2 + 2 = 4, so the sum is 4.",
  "Zunächst prüfe ich die Größe, dann die Höhe.",
  "我们先算 12 × 7，得到 84。",
  "```python\ndef f(x):\n    return x ** 2  # twice\n```",
  "Emoji 😀👩‍👩‍👧 and combining e\u0301 and \u00e9.",
  "  indented\n\n\n  three lines apart\t\ttabs ",
  "The tokens <b>bold</b>, $x^2$, \\frac{1}{2} and {curly}.",
  "مرحبا بالعالم",
  "1234567890 3.14159 1,000,000",
  "Wait, no. Let me check that again; yes.",
];

/** Some pieces in an order of their own. */
function textOf(seed: number): string {
  const count = 1 + seed % 4;
  const pieces = Array.from({ length: count }, (_, at) => PIECES[(seed * 7 + at * 3) % 10]!);
  return pieces.join(seed % 3 === 0 ? "\n\n" : " ");
}

function promptOf(index: number): Message[] {
  const user = { role: "user" as const, content: `Question ${index}: ${textOf(index + 1)}` };
  if (index % 5 === 0) return [{ role: "system", content: "Be brief." }, user];
  if (index % 7 !== 0) return [user];
  const first = { role: "user" as const, content: `First of ${index}?` };
  return [first, { role: "assistant", content: `The first is ${index}.` }, user];
}

export function realRecords(count: number): TeacherRecord[] {
  return Array.from({ length: count }, (_, index) =>
    teacherRecord(`r${index}`, {
      messages: promptOf(index),
      thought: `Thought ${index}: ${textOf(index * 3)}`,
      response: `Answer ${index}: ${textOf(index * 5 + 2)}`,
    }));
}

export function realScoredRecords(count: number): ScoredRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const record = scoredRecord(`p${index}`, [1, 2, 3, 4], { prompt: promptOf(index) });
    const responses = record.responses.map((reply, at) => ({
      ...reply,
      thought: `Thought ${at}: ${textOf(index + at)}`,
      answer: `Answer ${at}: ${textOf(index * 2 + at)}` as typeof reply.answer,
    }));
    return { ...record, responses };
  });
}
