/** Rewards without the part that a straight line in the answer's length explains. Pure. */
import { type Column, type ExplorerData, repliesOf } from "./columns.ts";
import { mean } from "../view/statistics.ts";

/**
 * The length-controlled reward: reward − b · (log₂(1 + length) − its mean over the prompt's replies),
 * where b is the slope of reward in log-length within prompts, over all of a run's prompts (the
 * within estimator of a fixed-effects regression), so that prompts that call for long answers do
 * not count for length. Null where there is no reward.
 */
export function lengthControlled(
  { first, columns }: Pick<ExplorerData, "first" | "columns">,
): Column | null {
  const rewards = columns.find(({ name }) => name === "reward")?.data;
  const lengths = columns.find(({ name }) => name === "answer_length")?.data;
  if (rewards === undefined || lengths === undefined) return null;
  const run = columns.find(({ name }) => name === "run")?.data;
  const slopes = new Map<number, { xy: number; xx: number }>();
  eachPrompt(first, rewards, lengths, (prompt, rows, meanX, meanY) => {
    const key = run?.[prompt] ?? 0;
    const sums = slopes.get(key) ?? { xy: 0, xx: 0 };
    slopes.set(key, sums);
    for (const row of rows) {
      const dx = logLength(lengths[row]!) - meanX;
      sums.xx += dx * dx;
      sums.xy += dx * (rewards[row]! - meanY);
    }
  });
  const data = new Float32Array(rewards.length).fill(NaN);
  let known = false;
  eachPrompt(first, rewards, lengths, (prompt, rows, meanX) => {
    const { xy, xx } = slopes.get(run?.[prompt] ?? 0)!;
    const slope = xx === 0 ? 0 : xy / xx;
    for (const row of rows) data[row] = rewards[row]! - slope * (logLength(lengths[row]!) - meanX);
    known = true;
  });
  if (!known) return null;
  return {
    name: "controlled",
    label: "reward, length-controlled",
    of: "reply",
    kind: "number",
    data,
  };
}

function logLength(length: number): number {
  return Math.log2(1 + length);
}

/** Each prompt's replies that have both, and the means of log-length and of reward among them. */
function eachPrompt(
  first: Uint32Array,
  rewards: Column["data"],
  lengths: Column["data"],
  visit: (prompt: number, rows: readonly number[], meanX: number, meanY: number) => void,
): void {
  for (let prompt = 0; prompt < first.length - 1; prompt++) {
    const rows = repliesOf({ first }, prompt)
      .filter((row) => !Number.isNaN(rewards[row]!) && !Number.isNaN(lengths[row]!));
    if (rows.length === 0) continue;
    const meanX = mean(rows.map((row) => logLength(lengths[row]!)));
    visit(prompt, rows, meanX, mean(rows.map((row) => rewards[row]!)));
  }
}
