/** A reply of the format chat, as a policy's record holds it. */
export function chatReply(answer: string, index: number) {
  return {
    index,
    text: answer,
    thought: null,
    answer,
    malformed: null,
    finish_reason: "stop",
    completion_tokens: 1,
  };
}
