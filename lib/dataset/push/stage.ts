/** `push`, as one value. */
import { defineStage, type Stage } from "../../run/define_stage.ts";
import type { PushResult } from "./push.ts";
import { PushOptions } from "./push_options.ts";

export type { PushResult };

/**
 * Pushes a dataset's card and Parquet files to the Hugging Face Hub in one commit, after their
 * hashes have been found equal to the manifest's. A dry run unless `dryRun` is false.
 *
 * @example
 * ```ts
 * import { buildRl, EMBEDDED_PROMPTS, push } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = `${await Deno.makeTempDir()}/rl`;
 * await buildRl({ prompts: EMBEDDED_PROMPTS, out });
 * const { commit, files } = await push({ in: out, repo: "me/my-prompts", dryRun: true });
 * assert.equal(commit, null);
 * assert.ok(files.includes("README.md"));
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} where the folder is no dataset or its files have changed, or HF_TOKEN is
 * missing; `RunError` where the Hub refuses.
 */
export const push: Stage<PushOptions, never, PushResult> = defineStage({
  name: "push",
  summary: "puts a dataset on the Hugging Face Hub; a dry run unless told otherwise",
  examples: [
    "push --in runs/dpo --repo me/my-pairs",
    "push --in runs/dpo --repo me/my-pairs --no-dry-run",
  ],
  options: PushOptions,
  leaves: { kind: "nothing" },
  rejects: [],
  run: async (call) => await (await import("./push.ts")).push(call),
});
