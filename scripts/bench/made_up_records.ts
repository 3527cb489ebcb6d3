/** Made-up records of about 600 words a reply, in English or in many languages. */
import { randomFor } from "../../lib/core/random.ts";

const words = ("the of and to in is that for it as was with be by on not he his but at are this " +
  "have from or had an they which one you were all her she there would their we him been has " +
  "when who will no more if out so up said what its about than into them can only other time")
  .split(" ");

/** Words of which three quarters are not ASCII. */
const manyWords =
  ("the of and to in is что это для как быть который год слово мир день 的 是 不 我 一 有 " +
    "大 在 人 了 中 到 資 要 以 會 日本語 です これ それ ある なる मैं है और का यह لا في من على هذا ذلك été où " +
    "déjà même über größer straße niño años también więcej są żeby").split(" ");

/** So many words of text. */
function textOf(random: () => number, count: number, of: readonly string[] = words): string {
  const parts = Array.from({ length: count }, () => of[Math.floor(random() * of.length)]);
  return parts.join(" ");
}

/** A teacher record as a line. */
export function teacherLine(index: number): string {
  return JSON.stringify(teacherRecord(index, words));
}

/** A teacher record of many languages as a line. */
export function manyLanguagesLine(index: number): string {
  return JSON.stringify(teacherRecord(index, manyWords));
}

function teacherRecord(index: number, of: readonly string[]) {
  const random = randomFor("bench", "sft", index);
  return {
    id: `row-${index}`,
    source: "bench",
    messages: [{ role: "user", content: `${index}: ${textOf(random, 40, of)}?` }],
    thought: textOf(random, 300, of),
    response: textOf(random, 260, of),
    model: "made-up",
    finish_reason: "stop",
    usage: { prompt_tokens: 40, completion_tokens: 560, reasoning_tokens: 0 },
  };
}

/** A scored record of eight replies as a line. */
export function scoredLine(index: number): string {
  const random = randomFor("bench", "dpo", index);
  const responses = Array.from({ length: 8 }, (_, reply) => {
    const thought = textOf(random, 300), answer = textOf(random, 300);
    return {
      index: reply,
      text: `${thought}\n</think>\n\n${answer}`,
      thought,
      answer,
      malformed: null,
      finish_reason: "stop",
      completion_tokens: 600,
      score: Math.round((random() * 40 - 20) * 1000) / 1000,
    };
  });
  return JSON.stringify({
    id: `row-${index}`,
    source: "bench",
    prompt: [{ role: "user", content: `${index}: ${textOf(random, 40)}?` }],
    format: "chat-think",
    model: "made-up",
    responses,
    reward_model: "made-up",
  });
}
