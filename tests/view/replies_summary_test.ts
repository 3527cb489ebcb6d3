import assert from "node:assert/strict";
import type { ScoredRecord } from "../../lib/core/records.ts";
import { extremes, summarizeReplies } from "../../lib/view/replies_summary.ts";

const reply = (answer: string | null, score: number | null, finish_reason = "stop") => ({
  index: 0,
  text: "",
  thought: answer === null ? null : "hmm",
  answer,
  malformed: answer === null ? "missing_tag" : null,
  finish_reason,
  completion_tokens: 7,
  score,
});

Deno.test("replies are counted, measured and gathered by prompt", async () => {
  const records = [
    { responses: [reply("a", 1), reply("a", 3), reply("bc", 2), reply(null, null, "length")] },
    { responses: [reply(null, null)] },
    { responses: [] },
  ] as unknown as ScoredRecord[];
  const summary = await summarizeReplies(records);
  assert.deepEqual({ ...summary }, {
    prompts: 3,
    replies: 5,
    malformedReplies: 2,
    malformed: { missing_tag: 2 },
    finishReasons: { stop: 4, length: 1 },
    tokens: [7, 7, 7, 7, 7],
    thoughtLengths: [3, 3, 3],
    scores: [1, 3, 2],
    answerLengths: [1, 1, 2],
    scoredThoughts: [3, 3, 3],
    scoresByPrompt: [[1, 3, 2]],
    distinctAnswers: [2 / 3],
  });
});

Deno.test("extremes are the best and worst of each prompt", () => {
  assert.deepEqual(extremes([[1, 3, 2], [5]]), { best: [3, 5], worst: [1, 5], spread: [2, 0] });
});
