/** What `push` can be told. */
import { z } from "zod";

/** Options of `push`; each is a flag of `push`. */
export const PushOptions = z.object({
  in: z.string().min(1).describe("a dataset that a builder made"),
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "must be OWNER/NAME").describe(
    "the dataset's name on the Hub: OWNER/NAME",
  ),
  branch: z.string().min(1).default("main").describe("branch to commit to"),
  private: z.boolean().default(true).describe("make the repository private where it is made"),
  dryRun: z.boolean().default(true).describe(
    "only say what would be pushed; --no-dry-run pushes, with the token in HF_TOKEN",
  ),
  hubUrl: z.url().optional().describe("another Hub; else HF_ENDPOINT, else https://huggingface.co"),
});
/** @internal */
export type PushOptions = z.input<typeof PushOptions>;
