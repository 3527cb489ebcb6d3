/** What each prompt of a scored run gives to the figures, and the figures over prompts. */
import type { ScoredRecord } from "../core/records.ts";
import type { Part } from "../view/bootstrap.ts";
import { thoughtsAgree } from "./thought_agrees.ts";

/** A figure's name. */
export type FigureName =
  | "right"
  | "malformed"
  | "rightOfWellFormed"
  | "reward"
  | "best"
  | "any"
  | "agrees";

/** The figures by name, in the order in which they are shown, each with what it is. */
export const FIGURES: Record<FigureName, string> = {
  right: "share of all replies that are right; a malformed reply is not",
  malformed: "share of all replies that break their format",
  rightOfWellFormed: "share of the well-formed replies that are right",
  reward: "mean reward of the replies that have one",
  best:
    "share of prompts whose reply of the highest reward is right (equal ones count their share)",
  any: "share of prompts with a right reply",
  agrees: "share of thoughts that state what the answer states, of those that words can be read of",
};
export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** A prompt's parts of all figures. */
export interface PromptParts extends Record<FigureName, Part> {
  source: string;
  replies: number;
  labelled: boolean;
}

/** Holds a prompt's replies against its label; without one, what needs it has parts of nothing. */
export function partsOf(
  record: ScoredRecord,
  label: unknown,
  isRightAnswer: (answer: string, label: unknown) => boolean,
): PromptParts {
  const { responses, source } = record;
  const labelled = label !== undefined;
  const rights = responses.map(({ answer }) =>
    labelled && answer !== null && isRightAnswer(answer, label)
  );
  const right = rights.filter(Boolean).length;
  const malformed = responses.filter((reply) => reply.malformed !== null).length;
  const scores = responses.map(({ score }) => score).filter((score) => score !== null);
  const highest = Math.max(...scores);
  const best = rights.filter((_, i) => responses[i]!.score === highest);
  const read = labelled
    ? thoughtsAgree(responses, (reply) => rights[responses.indexOf(reply)]!, label)
      .filter((agrees) => agrees !== undefined)
    : [];
  const all = labelled ? responses.length : 0;
  return {
    source,
    replies: responses.length,
    labelled,
    right: { of: right, all },
    malformed: { of: malformed, all: responses.length },
    rightOfWellFormed: { of: right, all: labelled ? responses.length - malformed : 0 },
    reward: { of: scores.reduce((a, b) => a + b, 0), all: scores.length },
    best: labelled
      ? { of: best.length === 0 ? 0 : best.filter(Boolean).length / best.length, all: 1 }
      : NOTHING,
    any: labelled ? { of: right > 0 ? 1 : 0, all: 1 } : NOTHING,
    agrees: { of: read.filter(Boolean).length, all: read.length },
  };
}

const NOTHING: Part = { of: 0, all: 0 };
