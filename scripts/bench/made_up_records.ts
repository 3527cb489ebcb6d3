/** Made-up records of about 600 words a reply, in many languages: thinkset's own, and public scripts'. */
import { randomFor } from "../../lib/core/random.ts";
import { runningText } from "./made_up_text.ts";

/** A teacher record as thinkset writes it. */
export function teacherRecord(index: number) {
  return {
    ...publicTeacherRow(index),
    model: "made-up",
    finish_reason: "stop",
    usage: { prompt_tokens: 40, completion_tokens: 560, reasoning_tokens: 0 },
  };
}

/** The same reply in a row of the public scripts. */
export function publicTeacherRow(index: number) {
  const random = randomFor("bench", "sft", index);
  const text = (words: number) => runningText(random, index, words);
  return {
    id: `row-${index}`,
    source: "bench",
    messages: [{ role: "user", content: `${index}: ${text(40)}?` }],
    thought: text(300),
    response: text(260),
  };
}

/** A scored record of eight replies as thinkset writes it. */
export function scoredRecord(index: number) {
  const { prompt, responses } = publicScoredRow(index);
  return {
    id: `row-${index}`,
    source: "bench",
    prompt: [{ role: "user", content: prompt }],
    format: "chat-think",
    model: "made-up",
    responses: responses.map(({ thought, answer, score }, reply) => ({
      index: reply,
      text: `${thought}\n</think>\n\n${answer}`,
      thought,
      answer,
      malformed: null,
      finish_reason: "stop",
      completion_tokens: 600,
      score,
    })),
    reward_model: "made-up",
  };
}

/** The same replies in a row of the public scripts. */
export function publicScoredRow(index: number) {
  const random = randomFor("bench", "dpo", index);
  const text = (words: number) => runningText(random, index, words);
  return {
    prompt: `${index}: ${text(40)}?`,
    responses: Array.from({ length: 8 }, () => ({
      thought: text(300),
      answer: text(300),
      score: Math.round((random() * 40 - 20) * 1000) / 1000,
    })),
  };
}
