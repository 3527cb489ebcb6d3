/** A model's replies to the held-out prompts, sampled and greedy, with their rewards. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import type { Format } from "../core/records.ts";
import { EMBEDDED_PROMPTS } from "../model/embedded/paths.ts";
import { samplePolicy } from "../policy/stage.ts";
import { scoreResponses } from "../reward/stage.ts";

/** Sampling as the embedded policy is used: both right and wrong. */
export const SAMPLING = { n: 8, temperature: 1, maxTokens: 256 };

/** Where a model's replies are. */
export interface HeldOut {
  folder: string;
  /** Scored runs. */
  sampled: string;
  greedy: string;
}

export function heldOutOf(root: string, name: string): HeldOut {
  const folder = join(root, "held-out", name);
  return { folder, sampled: join(folder, "scored"), greedy: join(folder, "greedy-scored") };
}

/** Samples and scores what is not there yet. */
export async function measure(
  root: string,
  { name, folder: model }: { name: string; folder: string },
  { n, temperature, limit, ...sampling }: {
    n: number;
    temperature: number;
    maxTokens: number;
    format: Format;
    seed: number;
    limit: number | undefined;
  },
  context: StageContext,
): Promise<HeldOut> {
  const place = heldOutOf(root, name);
  const shared = { ...sampling, prompts: EMBEDDED_PROMPTS, model: `local/${model}`, limit };
  const ways = [["policy", place.sampled, { n, temperature }], [
    "greedy",
    place.greedy,
    { n: 1, temperature: 0 },
  ]] as const;
  for (const [policy, scored, way] of ways) {
    const replies = join(place.folder, policy);
    await samplePolicy({ ...shared, ...way, out: replies }, { context });
    const scoring = { rewardModel: "embedded", maxLength: 1024, out: scored };
    await scoreResponses({ in: replies, ...scoring }, { context });
  }
  return place;
}
