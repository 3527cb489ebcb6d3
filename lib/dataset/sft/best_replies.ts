/** Rejection sampling: the best answers to a prompt as replies to learn from. */
import { randomFor } from "../../core/random.ts";
import type { ScoredRecord, ScoredReply, TeacherRecord } from "../../core/records.ts";
import type { Rejection } from "../build/rejects_file.ts";

/** How the answers are picked. */
export interface BestRules {
  /** At most so many of a prompt. */
  best?: number;
  /** `random` draws among the answers that may be taken, as a control. */
  pick: "best" | "random";
  minScore?: number;
  seed: number;
}

/**
 * The answers of a scored record that are taken, the best first; of equal scores the shorter one,
 * then the one sampled first. Equal texts are taken once. `decided` is the index of a reply that a
 * person chose: it takes the place of all.
 */
export function bestReplies(
  record: ScoredRecord,
  { best = 1, pick, minScore = -Infinity, seed }: BestRules,
  decided?: number,
): TeacherRecord[] | Rejection<"no_scored_reply" | "below_min_score" | "unusable_decision"> {
  const scored = record.responses.filter(({ answer, score }) => answer !== null && score !== null);
  if (decided !== undefined) {
    const reply = record.responses.find(({ index }) => index === decided);
    if (reply !== undefined && reply.answer !== null) return [teacherRecord(record, reply)];
    return { reason: "unusable_decision", detail: `reply ${decided} is no well-formed reply` };
  }
  if (scored.length === 0) {
    const detail = `none of ${record.responses.length} replies is well-formed and scored`;
    return { reason: "no_scored_reply", detail };
  }
  const good = scored.filter(({ score }) => score! >= minScore);
  if (good.length === 0) {
    const highest = Math.max(...scored.map(({ score }) => score!));
    return { reason: "below_min_score", detail: `the best has ${highest}` };
  }
  const random = randomFor(seed, record.id, "sft-pick");
  const order = pick === "random"
    ? good.map((reply) => ({ reply, at: random() })).sort((a, b) => a.at - b.at)
      .map(({ reply }) => reply)
    : [...good].sort((a, b) =>
      b.score! - a.score! || a.answer!.length - b.answer!.length || a.index - b.index
    );
  const taken: ScoredReply[] = [];
  for (const reply of order) {
    const isNew = taken.every(({ answer, thought }) =>
      answer !== reply.answer || thought !== reply.thought
    );
    if (taken.length < best && isNew) taken.push(reply);
  }
  return taken.map((reply) => teacherRecord(record, reply));
}

function teacherRecord(record: ScoredRecord, reply: ScoredReply): TeacherRecord {
  const { id, source, prompt, tools, model, extra } = record;
  const tokens = reply.completion_tokens;
  return {
    id,
    source,
    messages: prompt,
    thought: reply.thought,
    response: reply.answer!,
    model: reply.model ?? model,
    finish_reason: "stop",
    usage: { prompt_tokens: 0, completion_tokens: tokens, reasoning_tokens: 0 },
    ...(tools && { tools }),
    ...(extra && { extra }),
  };
}
