/** What a launch leaves in OUT/launch/plan.json for its status. */
import { z } from "zod";

/** The stages that were submitted, in order. */
export const LaunchRecord = z.object({
  stages: z.array(z.object({
    name: z.string(),
    /** The name of its jobs in the queue. */
    job: z.string(),
    /** 0 for a stage that is one job without shards. */
    shards: z.number().int().nonnegative(),
    /** Where it writes; empty for a stage that writes nowhere. */
    out: z.string(),
    /** The file that its job leaves when it ends well, where OUT holds no manifest to tell. */
    done: z.string().optional(),
    script: z.string(),
    /** The id that sbatch gave. */
    id: z.string(),
  })).min(1),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;
