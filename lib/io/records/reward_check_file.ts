/** What `check-reward --out` leaves, as far as a dataset's card tells of it. */
import { z } from "zod";
import { InputError, messageOf } from "../../core/errors.ts";
import { readJsonFile } from "../disk/json_file.ts";

/** Which reward was checked. */
export interface CheckedReward {
  /** The score of each reply that was held against labels. */
  score: string;
  /** What the records call the reward. */
  names: string[];
  /** Its models by their runs' manifests; none of files that no run left. */
  models: { name: string; version: string | null }[];
}

const CheckedRewardFields: z.ZodType<CheckedReward> = z.object({
  score: z.string(),
  names: z.array(z.string()),
  models: z.array(z.object({ name: z.string(), version: z.string().nullable() })),
});

const RewardCheckFile = z.object({
  reward: CheckedRewardFields,
  table: z.array(z.array(z.string())).min(2),
  lines: z.array(z.string()),
});
export type RewardCheckFile = z.infer<typeof RewardCheckFile>;

/** Reads the file of `--reward-check`. Throws `InputError` naming the file and the field. */
export function readRewardCheck(path: string): RewardCheckFile {
  let found: RewardCheckFile | undefined, fault = `${path}: no such file`;
  try {
    found = readJsonFile(path, RewardCheckFile);
  } catch (error) {
    fault = messageOf(error);
  }
  if (found !== undefined) return found;
  throw new InputError(`--reward-check ${fault}: give what check-reward --out left`);
}

/**
 * How a checked reward differs from the one whose scores are used; null where it is the same. Models
 * are told apart by their version, where both are known: a hash of what was loaded.
 */
export function otherReward(checked: CheckedReward, used: CheckedReward): string | null {
  const words = (list: readonly string[]) => [...new Set(list)].sort().join(", ") || "none";
  const keys = ({ models }: CheckedReward) =>
    words(models.map(({ name, version }) => version === null ? name : version));
  if (checked.score !== used.score) {
    return `it checked --score ${checked.score}, and the pairs go by ${used.score}`;
  }
  if (words(checked.names) !== words(used.names)) {
    return `it checked ${words(checked.names)}, and the records are scored by ${words(used.names)}`;
  }
  if (checked.models.length === 0 || used.models.length === 0) return null;
  if (keys(checked) === keys(used)) return null;
  return `${words(used.names)} was another model (${
    keys(checked)
  }) when it was checked than when ` +
    `the records were scored (${keys(used)})`;
}
